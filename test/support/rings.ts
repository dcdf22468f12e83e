import { type BarePlane, getWords, putWords } from './barePlane.js';

/** Longest bulk that the tests move at a time. */
export const BULK_MAX = 64;

/** A ring of u32 values, whichever kind. */
export interface ValueRing {
  readonly address: number;
  /** Puts as many of `values` as fit, in one bulk; returns how many. */
  produce(values: readonly number[]): number;
  /** Takes up to `n`. */
  consume(n: number): number[];
}

/** The ptr_ring at `address` as `holder` uses it. */
export class RealPtrRing implements ValueRing {
  readonly address: number;
  readonly #plane: BarePlane;
  readonly #bulk: number;
  readonly #holder: number;

  /** `bulk`: BULK_MAX words that nobody else uses. */
  constructor(plane: BarePlane, address: number, bulk: number, holder = 1) {
    this.#plane = plane;
    this.address = address;
    this.#bulk = bulk;
    this.#holder = holder;
  }

  produce(values: readonly number[]): number {
    const { arena, dp } = this.#plane;
    putWords(arena, this.#bulk, values);
    dp.ptrRingLock(this.address, this.#holder);
    const free = dp.ptrRingFree(this.address, values.length);
    dp.ptrRingProduce(this.address, this.#bulk, free);
    dp.ptrRingUnlock(this.address);
    return free;
  }

  consume(n: number): number[] {
    const { arena, dp } = this.#plane;
    return getWords(arena, this.#bulk, dp.ptrRingConsume(this.address, this.#bulk, n));
  }

  get isEmpty(): boolean {
    return this.#plane.dp.ptrRingEmpty(this.address) !== 0;
  }
}

/** The SPSC ring at `address` as one of its sides uses it. */
export class RealSpscRing implements ValueRing {
  readonly address: number;
  readonly #plane: BarePlane;
  readonly #bulk: number;

  constructor(plane: BarePlane, address: number, bulk: number) {
    this.#plane = plane;
    this.address = address;
    this.#bulk = bulk;
  }

  produce(values: readonly number[]): number {
    putWords(this.#plane.arena, this.#bulk, values);
    return this.#plane.dp.spscRingProduce(this.address, this.#bulk, values.length);
  }

  consume(n: number): number[] {
    const { arena, dp } = this.#plane;
    return getWords(arena, this.#bulk, dp.spscRingConsume(this.address, this.#bulk, n));
  }
}

export function createPtrRing(plane: BarePlane, size: number): RealPtrRing {
  const address = plane.arena.allocate(plane.dp.ptrRingBytes(size));
  plane.dp.ptrRingInit(address, size);
  return new RealPtrRing(plane, address, plane.arena.allocate(4 * BULK_MAX));
}

export function createSpscRing(plane: BarePlane, size: number): RealSpscRing {
  const address = plane.arena.allocate(plane.dp.spscRingBytes(size));
  plane.dp.spscRingInit(address, size);
  return new RealSpscRing(plane, address, plane.arena.allocate(4 * BULK_MAX));
}
