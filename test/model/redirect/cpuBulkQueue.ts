import type { Context, Frame } from './context.js';
import type { CpuMapEntry } from './maps.js';

const CPU_MAP_BULK_SIZE = 8;

/** `struct xdp_bulk_queue`: one a map entry. */
export interface CpuBulkQueue {
  readonly entry: CpuMapEntry;
  readonly frames: Frame[];
}

/** `bq_flush_to_queue`: also takes the queue off the flush list, unlike its devmap counterpart. */
function bqFlushToQueue(context: Context, queue: CpuBulkQueue): void {
  const { entry, frames } = queue;
  const accepted = frames.filter((frame) => entry.ring.produce(frame));
  if (accepted.length > 0) entry.delivered.addFeeder(context);
  context.trace({
    ev: 'xdp_cpumap_enqueue',
    mapId: entry.mapId,
    processed: frames.length,
    drops: frames.length - accepted.length,
    toCpu: entry.cpu,
  });
  frames.length = 0;
  const listed = context.cpuFlushList.indexOf(queue);
  if (listed >= 0) context.cpuFlushList.splice(listed, 1);
}

/** `bq_enqueue` of cpumap, behind `cpu_map_enqueue`, which cannot fail. */
export function cpuMapEnqueue(context: Context, entry: CpuMapEntry, frame: Frame): void {
  const queue = context.cpuQueues.get(entry) ?? { entry, frames: [] };
  context.cpuQueues.set(entry, queue);
  if (queue.frames.length === CPU_MAP_BULK_SIZE) bqFlushToQueue(context, queue);
  queue.frames.push(frame);
  if (!context.cpuFlushList.includes(queue)) context.cpuFlushList.unshift(queue);
}

/** `__cpu_map_flush`: newest first. */
export function cpuMapFlush(context: Context): void {
  for (const queue of [...context.cpuFlushList]) bqFlushToQueue(context, queue);
}
