import { runReplay } from '../../replay/command.js';
import { defineCommand } from '../command.js';
import type { OptionTable } from '../options.js';
import { UsageError } from '../usageError.js';

const DESCRIPTION = `
Replays recordings of a real kernel, map system calls or redirect experiments, and compares all
that was recorded. Prints a line for each FILE, \`ok\` or the first difference, and a count.

The exit code is 1 where a recording differs, 2 where a file is no recording.
`;

const options = {
  threads: { text: 'run redirect experiments on worker threads; skip those that depend on timing' },
  kernel: { value: 'V', text: 'the kernel to behave like: 6.18 (default) or 6.1' },
  verbose: { text: 'show what was recorded and what was found side by side' },
  json: { text: 'print one JSON object instead of lines' },
} as const satisfies OptionTable;

export const replayCommand = defineCommand({
  usage: 'FILE... [options]',
  description: DESCRIPTION,
  options,
  async run({ threads = false, kernel = '6.18', verbose = false, json = false }, files, io) {
    if (files.length === 0) throw new UsageError('replay: expected recordings, found no FILE');
    if (kernel !== '6.18' && kernel !== '6.1')
      throw new UsageError(`--kernel: expected 6.18 or 6.1, found ${kernel}`);
    return runReplay(files, {
      threads,
      verbose,
      json,
      kernel: kernel === '6.1' ? 601 : 618,
      write: (text) => io.stdout.write(text),
    });
  },
});
