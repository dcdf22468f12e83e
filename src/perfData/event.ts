import type { TracepointInfo } from '../trace/tracepoints.js';

/**
 * The event's number, as `events/xdp/NAME/id` under tracefs would have it. Which it is differs from kernel to kernel;
 * the types below 16 are the ring buffer's own.
 */
export function eventId({ id }: TracepointInfo): number {
  return 0x200 + id;
}
