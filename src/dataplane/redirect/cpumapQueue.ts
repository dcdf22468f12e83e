import { wakeUp } from "../context/wake";
import { frameAt } from "../frame/array";
import { handOver, takeOver } from "../frame/pool";
import { BpfCpuMapEntry, Context, Cpu, XdpBulkQueue, XdpFrame } from "../layout";
import { ptrRingFree, ptrRingLock, ptrRingProduce, ptrRingUnlock } from "../ring/ptrRing";
import { frameEnd } from "../trace/fates";
import { Fate } from "../trace/kinds";
import { traceCpumapRing } from "../trace/ledger";
import { traceXdpCpumapEnqueue } from "../trace/tracepoints";

/** CPUMAP's bulk queues (kernel/bpf/cpumap.c): 8 frames per entry and sending CPU. */

const CPU_MAP_BULK_SIZE: u32 = 8;

export function xdpBulkQueueBytes(): u32 {
  return offsetof<XdpBulkQueue>() + CPU_MAP_BULK_SIZE * 4;
}

// @ts-ignore: decorator
@inline
function bulkItem(bq: XdpBulkQueue, index: u32): usize {
  return changetype<usize>(bq) + offsetof<XdpBulkQueue>() + (<usize>index << 2);
}

/** `cpu_map_enqueue`, after the frame was made. */
export function cpuMapEnqueue(ctx: Context, rcpu: BpfCpuMapEntry, frame: XdpFrame): void {
  const cpu = ctx.cpu!;
  const bq = changetype<XdpBulkQueue>(<usize>load<u32>(rcpu.bulkQueues + (<usize>cpu.id << 2)));
  bqEnqueue(ctx, cpu, bq, frame);
}

/** `bq_enqueue`: a full queue is emptied by the next frame, not by the one that fills it. */
// @ts-ignore: decorator
@inline
function bqEnqueue(ctx: Context, cpu: Cpu, bq: XdpBulkQueue, frame: XdpFrame): void {
  if (bq.count == CPU_MAP_BULK_SIZE) bqFlushToQueue(ctx, cpu, bq);
  store<u32>(bulkItem(bq, bq.count++), changetype<usize>(frame));
  if (bq.onList == 0) listAdd(cpu, bq);
}

function listAdd(cpu: Cpu, bq: XdpBulkQueue): void {
  const head = cpu.cpuMapFlushList;
  bq.onList = 1;
  bq.flushNext = head;
  bq.flushPrev = null;
  if (head) head.flushPrev = bq;
  cpu.cpuMapFlushList = bq;
}

function listDelete(cpu: Cpu, bq: XdpBulkQueue): void {
  const next = bq.flushNext;
  const prev = bq.flushPrev;
  if (next) next.flushPrev = prev;
  if (prev) prev.flushNext = next;
  else cpu.cpuMapFlushList = next;
  bq.onList = 0;
}

/** `bq_flush_to_queue`: what does not fit is dropped here; the redirect has succeeded long since. */
function bqFlushToQueue(ctx: Context, cpu: Cpu, bq: XdpBulkQueue): void {
  const rcpu = bq.obj;
  const ring = rcpu.queue;
  const count = bq.count;
  const frames = bulkItem(bq, 0);
  for (let i: u32 = 0; i < count; i++) handOver(ctx, frameAt(frames, i));
  ptrRingLock(ring, ctx.id + 1);
  const fits = ptrRingFree(ring, count);
  if (ctx.trace != null) traceCpumapRing(ctx, rcpu, frames, count, fits);
  ptrRingProduce(ring, frames, fits);
  ptrRingUnlock(ring);
  for (let i = fits; i < count; i++) {
    const frame = frameAt(frames, i);
    takeOver(ctx, frame);
    frameEnd(ctx, frame, Fate.CPUMAP_FULL, rcpu.cpu);
  }
  bq.count = 0;
  listDelete(cpu, bq);
  traceXdpCpumapEnqueue(ctx, rcpu.mapId, count, count - fits, rcpu.cpu);
}

/** `__cpu_map_flush`: at the end of a poll, newest first. Only here are kthreads woken. */
export function cpuMapFlush(ctx: Context, cpu: Cpu): void {
  let bq = cpu.cpuMapFlushList;
  while (bq) {
    const next = bq.flushNext;
    bqFlushToQueue(ctx, cpu, bq);
    wakeUp(bq.obj.kthread);
    bq = next;
  }
}
