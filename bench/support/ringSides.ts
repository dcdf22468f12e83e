import { RingBuffer } from 'ringbuf.js';
import { Arena } from '../../src/arena/arena.js';
import {
  type DataPlane,
  dataPlaneModule,
  instantiateDataPlane,
} from '../../src/arena/dataplane.js';

/** The rings of this bench, each with room for as many values. */
export const RING_SLOTS = 4096;
/** Longest bulk. */
export const BULK_MAX = 64;

export type RingKind = 'ringbuf.js' | 'spsc' | 'ptr_ring';
export const RING_KINDS: readonly RingKind[] = ['ringbuf.js', 'spsc', 'ptr_ring'];

/** A ring that threads share: the one memory, and where in it the ring is. */
export interface SharedRing {
  readonly kind: RingKind;
  readonly memory: WebAssembly.Memory;
  readonly storage: SharedArrayBuffer;
  readonly address: number;
}

/** One thread's hold on a ring: `values` is what goes in or came out. */
export interface RingSide {
  readonly values: Uint32Array;
  /** Puts the first `n` of `values`, or as many as fit; returns how many. */
  push(n: number): number;
  /** Takes up to `n` to the start of `values`. */
  pop(n: number): number;
}

export function createRing(kind: RingKind): SharedRing {
  const { memory, arena, dp } = attach(Arena.create(2 ** 20).memory);
  const bytes = kind === 'spsc' ? dp.spscRingBytes(RING_SLOTS) : dp.ptrRingBytes(RING_SLOTS);
  const address = arena.allocate(bytes);
  if (kind === 'spsc') dp.spscRingInit(address, RING_SLOTS);
  else dp.ptrRingInit(address, RING_SLOTS);
  const storage = RingBuffer.getStorageForCapacity(RING_SLOTS, Uint32Array);
  return { kind, memory, storage, address };
}

function attach(memory: WebAssembly.Memory): {
  memory: WebAssembly.Memory;
  arena: Arena;
  dp: DataPlane;
} {
  const arena = new Arena(memory);
  const dp = instantiateDataPlane(dataPlaneModule('production'), arena, () => 0);
  return { memory, arena, dp };
}

/** Bulks of the two threads lie at the end of the memory, a page each. */
const BULK_PAGE_BYTES = 65536;

/** `thread`: 1 or 2, which also names the holder of a lock. */
export function openRing({ kind, memory, storage, address }: SharedRing, thread: number): RingSide {
  if (kind === 'ringbuf.js') return ringbufSide(new RingBuffer(storage, Uint32Array));
  const { dp } = attach(memory);
  const bulk = memory.buffer.byteLength - thread * BULK_PAGE_BYTES;
  const values = new Uint32Array(memory.buffer, bulk, BULK_MAX);
  return kind === 'spsc'
    ? spscSide(dp, address, bulk, values)
    : ptrRingSide(dp, address, bulk, values, thread);
}

function ringbufSide(ring: RingBuffer): RingSide {
  const values = new Uint32Array(BULK_MAX);
  return {
    values,
    push: (n) => ring.push(values, n),
    pop: (n) => ring.pop(values, n),
  };
}

function spscSide(dp: DataPlane, ring: number, bulk: number, values: Uint32Array): RingSide {
  return {
    values,
    push: (n) => dp.spscRingProduce(ring, bulk, n),
    pop: (n) => dp.spscRingConsume(ring, bulk, n),
  };
}

function ptrRingSide(
  dp: DataPlane,
  ring: number,
  bulk: number,
  values: Uint32Array,
  holder: number,
): RingSide {
  return {
    values,
    push(n) {
      dp.ptrRingLock(ring, holder);
      const free = dp.ptrRingFree(ring, n);
      dp.ptrRingProduce(ring, bulk, free);
      dp.ptrRingUnlock(ring);
      return free;
    },
    pop: (n) => dp.ptrRingConsume(ring, bulk, n),
  };
}
