import type { OptionTable } from '../options.js';
import { defineObserver } from '../run/observe.js';
import { UsageError } from '../usageError.js';
import { PerfRecorder } from './recorder.js';

const DESCRIPTION = `
Runs as \`xdpemu run\` does and records tracepoints to a perf.data that \`perf script\`, \`perf report\`
and \`perf evlist\` read. Times are those of the machine, whose clock starts with it at 0.

An event that the kernel to behave like does not have is refused, as by perf: of the redirect_map
events, 6.1 has what 6.18 lacks (\`run --kernel 6.1\`).
`;

const options = {
  event: {
    short: 'e',
    value: 'EVENT',
    isRepeatable: true,
    text: 'xdp:NAME or a pattern (xdp:xdp_redirect*), several with commas or with\nseveral -e (default: xdp:*)',
  },
  'all-cpus': { short: 'a', text: 'taken as said: every CPU of the machine is recorded' },
  output: {
    short: 'o',
    value: 'FILE',
    text: 'default: perf.data; one that is there becomes FILE.old',
  },
  quiet: { short: 'q', text: 'do not say what was recorded' },
} as const satisfies OptionTable;

export const recordCommand = defineObserver({
  usage: '[-e EVENT]... [-a] [-o FILE]',
  description: DESCRIPTION,
  options,
  observe: ({ event = ['xdp:*'], output = 'perf.data', quiet }, operands) => {
    if (operands.length > 0) {
      throw new UsageError(`expected -- before run, found ${operands.join(' ')}`);
    }
    if (output === '-') throw new UsageError('-o -: expected a file, found standard output');
    return new PerfRecorder({
      events: event,
      output,
      isQuiet: quiet === true,
      cmdline: ['xdpemu', ...process.argv.slice(2)],
    });
  },
});
