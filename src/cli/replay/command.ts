import { runReplay } from '../../replay/command.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../usageError.js';

const DESCRIPTION = `
Replays recordings of a real kernel, of map system calls (.jsonl) or of redirects (.json), on the
emulator and compares everything that they tell: a line for each file, "ok" or the first difference
with its place, what the kernel did and what the emulator does.
`;

const versions = { '6.18': 618, '6.1': 601 } as const;

export const replayCommand = defineCommand({
  usage: 'FILE... [options]',
  description: DESCRIPTION,
  options: {
    json: { text: 'print one JSON object' },
    threads: {
      text: 'redirects on worker threads; skips those whose outcome depends on timing',
    },
    verbose: { text: 'show both event sequences side by side' },
    kernel: { value: '6.18|6.1', text: 'kernel profile; 6.18 by default' },
  },
  run: async ({ json = false, threads = false, verbose = false, kernel = '6.18' }, files, io) => {
    if (files.length === 0) throw new UsageError('replay: expected at least one FILE');
    if (!(kernel in versions)) {
      throw new UsageError(`--kernel: expected 6.18 or 6.1, found ${kernel}`);
    }
    return runReplay(files, {
      json,
      threads,
      verbose,
      kernel: versions[kernel as keyof typeof versions],
      write: (text) => io.stdout.write(text),
    });
  },
});
