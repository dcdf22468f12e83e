import type { Access } from './layout.generated.js';

/**
 * The control plane's and the workers' side of the seam (`src/dataplane/atomics.ts`): the only TypeScript that calls
 * `Atomics.*` on the arena. Indices count 32-bit words.
 */

/** Asked before each shared access where runs are explored (`Access` says what kind). */
export type SchedulePoint = (access: Access, address: number) => void;

/** Acquire; pairs with every store and exchange of the same word. */
export function loadWord(words: Int32Array, index: number): number {
  return Atomics.load(words, index) >>> 0;
}

/** Release. */
export function storeWord(words: Int32Array, index: number, value: number): void {
  Atomics.store(words, index, value | 0);
}

export function exchangeWord(words: Int32Array, index: number, value: number): number {
  return Atomics.exchange(words, index, value | 0) >>> 0;
}

export function compareExchangeWord(
  words: Int32Array,
  index: number,
  expected: number,
  replacement: number,
): number {
  return Atomics.compareExchange(words, index, expected | 0, replacement | 0) >>> 0;
}

/** `index` counts 64-bit words here. */
export function addDoubleWord(words: BigInt64Array, index: number, value: bigint): bigint {
  return Atomics.add(words, index, value);
}

/** Sleeps while the word is `value`, at most `timeoutMs`. */
export function waitWord(words: Int32Array, index: number, value: number, timeoutMs: number): void {
  Atomics.wait(words, index, value | 0, timeoutMs);
}

export function notifyWord(words: Int32Array, index: number): void {
  Atomics.notify(words, index);
}
