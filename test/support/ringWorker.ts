/** Thread bodies of the ring tests: each works one side of a ring that other threads work too. */

import { type BarePlane, barePlane } from './barePlane.js';
import { BULK_MAX, RealPtrRing, RealSpscRing, type ValueRing } from './rings.js';

export type RingKind = 'ptr' | 'spsc';

export interface RingTask {
  readonly memory: WebAssembly.Memory;
  readonly kind: RingKind;
  readonly ring: number;
  /** BULK_MAX words of this thread's own. */
  readonly bulk: number;
  /** Lock holder, and the producer's number in its values. */
  readonly thread: number;
  /** Values to produce, or to consume. */
  readonly count: number;
}

/** Value number `index` (from 1) of a producer. */
export function producedValue(thread: number, index: number): number {
  return thread * 2 ** 24 + index;
}

/** A word of the arena that nobody writes: to sleep on. */
const IDLE_ADDRESS = 64;
/** The other side may not be running: there are more threads than cores. */
const PAUSE_MS = 0.2;

function attach({ memory, kind, ring, bulk, thread }: RingTask): [BarePlane, ValueRing] {
  const plane = barePlane(memory);
  const Ring = kind === 'ptr' ? RealPtrRing : RealSpscRing;
  return [plane, new Ring(plane, ring, bulk, thread)];
}

/** Bulks of 1, 2, .. BULK_MAX values until `count` have gone in. */
export function produce(task: RingTask): void {
  const [{ arena }, ring] = attach(task);
  let done = 0;
  for (let round = 0; done < task.count; round++) {
    const n = Math.min((round % BULK_MAX) + 1, task.count - done);
    const values = Array.from({ length: n }, (_, i) => producedValue(task.thread, done + i + 1));
    const produced = ring.produce(values);
    if (produced === 0) arena.waitAt(IDLE_ADDRESS, 0, PAUSE_MS);
    done += produced;
  }
}

/** All `count` values in the order in which they came out. */
export function consume(task: RingTask): number[] {
  const [{ arena }, ring] = attach(task);
  const all: number[] = [];
  for (let round = 0; all.length < task.count; round++) {
    const taken = ring.consume((round % BULK_MAX) + 1);
    if (taken.length === 0) arena.waitAt(IDLE_ADDRESS, 0, PAUSE_MS);
    all.push(...taken);
  }
  return all;
}

/** Takes and gives back the producer lock of the ptr_ring. */
export function lockOnce({ memory, ring, thread }: RingTask): void {
  const { dp } = barePlane(memory);
  dp.ptrRingLock(ring, thread);
  dp.ptrRingUnlock(ring);
}
