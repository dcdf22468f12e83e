import { milliseconds } from '../arguments.js';
import { defineObserver } from '../run/observe.js';
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
      intervalMs: milliseconds('interval', interval, SECONDS) ?? DEFAULT_MS,
      stats: stats === true,
      extended: extended === true,
      receive: receive === true,
    });
  },
});

const DEFAULT_MS = 2000;
/** Those that a timer takes: up to 2^31 - 1 ms. */
const SECONDS = { least: 0.001, most: 2_147_483 } as const;
