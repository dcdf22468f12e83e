import type { Scheduler } from './scheduler.js';

/** A run switches at one point in 2, 4, 8, 16 or 32: some bugs want many switches, some a long stretch and then one. */
const EAGERNESS_LEVELS = 5;

const STATE = 0;
const EAGERNESS = 1;

/** Goes on or switches at random, by the run's seed. */
export class SeededRandom implements Scheduler {
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  begin(seed: number): void {
    this.#words[STATE] = seed;
    this.#words[EAGERNESS] = 2 << (this.#random() % EAGERNESS_LEVELS);
  }

  next(ready: number, running: number): number {
    const mayGoOn = (ready & (1 << running)) !== 0;
    if (mayGoOn && this.#random() % this.#words[EAGERNESS]! !== 0) return running;
    return nthBit(ready, this.#random() % bitCount(ready));
  }

  /** Mulberry32, a whole number below 2^32. */
  #random(): number {
    const state = (this.#words[STATE]! + 0x6d2b79f5) | 0;
    this.#words[STATE] = state;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Number of the `n`th set bit, counted from 0. */
function nthBit(bits: number, n: number): number {
  let rest = bits;
  for (let i = 0; i < n; i++) rest &= rest - 1;
  return 31 - Math.clz32(rest & -rest);
}
