import {
  BpfCpuMapEntry,
  BpfMap,
  Context,
  Cpu,
  Fate,
  FrameOwner,
  FramePool,
  FrameQueue,
  MapType,
  PtrRing,
  PtrRingProducer,
  XskBuffPool,
  XskBuffPoolReceiver,
} from '../arena/layout.generated.js';
import type { ContextHandle } from './kernel.js';
import type { System } from './system.js';

/** The top bit of a lock word says that somebody waits; the rest is the holder. */
const LOCK_HOLDER = 0x7fffffff;

/** Every lock word of the machine. */
function* locks(system: System): Generator<number> {
  const { arena, kernel } = system;
  const ringLock = (ring: number) => ring + PtrRing.producer + PtrRingProducer.lock.offset;
  for (const { address } of kernel.contexts) {
    yield address + Context.listLock.offset;
    const cpu = arena.get(address, Context.cpu);
    if (cpu !== 0) yield cpu + Cpu.bhLock.offset;
    yield ringLock(arena.get(arena.get(address, Context.pool), FramePool.recycle));
  }
  for (const { rxQueues, wires } of system.devices) {
    for (const queue of [...rxQueues, ...wires]) yield ringLock(arena.get(queue, FrameQueue.ring));
  }
  for (const entry of system.kthreads) yield ringLock(arena.get(entry, BpfCpuMapEntry.queue));
  for (const { pool } of system.sockets)
    yield pool + XskBuffPool.receiver + XskBuffPoolReceiver.rxLock.offset;
  for (const { address } of system.bpf.maps()) {
    yield address + BpfMap.freeLock.offset;
    const first = arena.get(address, BpfMap.locks);
    for (let i = 0; i < nrLocks(system, address); i++) yield first + 4 * i;
  }
}

/** Locks at `BpfMap.locks`: one for each bucket of a hash, one for any other type that has one at all. */
function nrLocks({ arena }: System, map: number): number {
  if (arena.get(map, BpfMap.locks) === 0) return 0;
  const isOneLocked = arena.get(map, BpfMap.type) === MapType.DEVMAP_HASH;
  return isOneLocked ? 1 : Math.max(arena.get(map, BpfMap.nrBuckets), 1);
}

/**
 * The worker of `context` is dead: nobody waits for it any more, what it had locked is free, and the frames it held end
 * as WORKER_DIED. What it had put on rings goes on its way. Returns how many frames it held.
 */
export function buryContext(system: System, context: ContextHandle): number {
  const { arena, dp, kernel, control } = system;
  arena.storeShared(context.address, Context.dead, 1);
  // Outside of a bottom half the flush lists are those of whoever shares the CPU.
  const cpu = arena.get(context.address, Context.cpu);
  if (cpu !== 0 && holds(system, context, cpu + Cpu.bhLock.offset))
    dp.abandonFlushLists(context.address);
  dp.endRun(context.address);
  for (const lock of locks(system)) {
    if (holds(system, context, lock)) breakLock(system, lock);
  }
  dp.settle(context.address);
  let held = 0;
  for (const { address } of kernel.contexts) {
    const pool = arena.get(address, Context.pool);
    const owner = FrameOwner.CONTEXT + context.id;
    held += dp.reapFrames(control.address, pool, owner, Fate.WORKER_DIED, context.cpu);
  }
  dp.xdpFlushFrameBulk(control.address);
  dp.settle(control.address);
  return held;
}

function holds({ arena }: System, { id }: ContextHandle, lock: number): boolean {
  return (arena.loadSharedAt(lock) & LOCK_HOLDER) === id + 1;
}

/** The holder is dead, but others may announce meanwhile that they wait. */
function breakLock({ arena }: System, lock: number): void {
  for (;;) {
    const word = arena.loadSharedAt(lock);
    if (arena.compareExchangeSharedAt(lock, word, 0) === word) break;
  }
  arena.notifyAt(lock);
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
  dp.settle(control.address);
  return left;
}
