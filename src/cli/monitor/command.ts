import { defineObserver } from '../run/observe.js';
import { UsageError } from '../usageError.js';
import { Monitor } from './monitor.js';

const DESCRIPTION = `
Shows what xdp-monitor of xdp-tools would, were the run on a kernel: rates of errors, cpumap
enqueues and kthreads, exceptions and transmissions, every SECONDS, and what they add up to at the
end. The short form has a summary and what went wrong; Ctrl-\\ switches between the two. On a
terminal each interval is written over the one before.

Thousands are separated, as by the tool where the locale en_US.UTF-8 is installed. The run's own
summary goes to stderr.
`;

export const monitorCommand = defineObserver({
  usage: '[options]',
  description: DESCRIPTION,
  options: {
    interval: { value: 'SECONDS', short: 'i', text: 'how often to look (default: 2)' },
    stats: { short: 's', text: 'count redirects that went well, too' },
    extended: { short: 'e', text: 'the long form: every counter, by CPU' },
    receive: { short: 'r', text: 'count what devices receive, too, as xdp-bench does' },
  },
  observe: ({ interval, stats, extended, receive }) => {
    return new Monitor({
      intervalMs: milliseconds(interval),
      stats: stats === true,
      extended: extended === true,
      receive: receive === true,
    });
  },
});

const DEFAULT_MS = 2000;
/** Of timers: 2^31 - 1 ms. */
const SECONDS_MAX = 2_147_483;

function milliseconds(text: string | undefined): number {
  if (text === undefined) return DEFAULT_MS;
  const seconds = Number(text);
  if (/^[0-9]*\.?[0-9]+$/.test(text) && seconds >= 0.001 && seconds <= SECONDS_MAX) {
    return seconds * 1000;
  }
  throw new UsageError(`--interval: expected seconds from 0.001 to ${SECONDS_MAX}, found ${text}`);
}
