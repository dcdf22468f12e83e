import {
  BpfCpuMapEntry,
  BpfMap,
  Context,
  Cpu,
  Fate,
  FrameOwner,
  FramePool,
  FrameQueue,
  LINE,
  MapType,
  PtrRingProducer,
  XskBuffPool,
} from '../arena/layout.generated.js';
import type { ContextHandle } from './kernel.js';
import type { System } from './system.js';

/** The top bit of a lock word says that somebody waits; the rest is the holder. */
const LOCK_HOLDER = 0x7fffffff;

/** Every lock word of the machine. */
function* locks(system: System): Generator<number> {
  const { arena, kernel } = system;
  const ringLock = (ring: number) => ring + LINE + PtrRingProducer.lock.offset;
  for (const { address } of kernel.contexts) {
    yield address + Context.listLock.offset;
    const cpu = arena.get(address, Context.cpu);
    if (cpu !== 0) yield cpu + Cpu.bhLock.offset;
    yield ringLock(arena.get(arena.get(address, Context.pool), FramePool.recycle));
  }
  for (const { rxQueues, wires } of system.devices) {
    for (const queue of [...rxQueues, ...wires]) yield ringLock(arena.get(queue, FrameQueue.ring));
  }
  for (const entry of system.kthreads()) yield ringLock(arena.get(entry, BpfCpuMapEntry.queue));
  for (const { pool } of system.sockets) yield pool + XskBuffPool.rxLock.offset;
  for (const { address } of system.bpf.maps()) {
    yield address + BpfMap.freeLock.offset;
    const first = arena.get(address, BpfMap.locks);
    if (first === 0) continue;
    const nrBuckets =
      arena.get(address, BpfMap.type) === MapType.DEVMAP_HASH
        ? 1
        : arena.get(address, BpfMap.nrBuckets);
    for (let i = 0; i < Math.max(nrBuckets, 1); i++) yield first + 4 * i;
  }
}

/**
 * The worker of `context` is dead: nobody waits for it any more, what it had locked is free, and the frames it held end
 * as WORKER_DIED. What it had put on rings goes on its way. Returns how many frames it held.
 */
export function buryContext(system: System, context: ContextHandle): number {
  const { arena, dp, kernel, control } = system;
  arena.storeShared(context.address, Context.dead, 1);
  dp.abandonFlushLists(context.address);
  dp.ringbufAbandon(context.address);
  for (const lock of locks(system)) {
    const word = arena.loadSharedAt(lock);
    if ((word & LOCK_HOLDER) !== context.id + 1) continue;
    arena.compareExchangeSharedAt(lock, word, 0);
    arena.notifyAt(lock);
  }
  let held = 0;
  for (const { address } of kernel.contexts) {
    const pool = arena.get(address, Context.pool);
    const owner = FrameOwner.CONTEXT + context.id;
    held += dp.reapFrames(control.address, pool, owner, Fate.WORKER_DIED, context.cpu);
  }
  dp.xdpFlushFrameBulk(control.address);
  return held;
}

/** Ends what is still on rings when no context runs any more; returns how many frames. */
export function reapRings(system: System): number {
  const { arena, dp, kernel, control } = system;
  let left = 0;
  for (const { address } of kernel.contexts) {
    const pool = arena.get(address, Context.pool);
    left += dp.reapFrames(control.address, pool, FrameOwner.RING, Fate.UNDELIVERED, 0);
  }
  dp.xdpFlushFrameBulk(control.address);
  return left;
}
