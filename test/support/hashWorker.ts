/** Thread bodies of the HASH tests: writers that change keys, readers that check what they find. */

import type { Arena } from '../../src/arena/arena.js';
import type { DataPlane } from '../../src/arena/dataplane.js';
import { barePlane, getWords, putWords } from './barePlane.js';

export interface HashTask {
  readonly memory: WebAssembly.Memory;
  readonly map: number;
  /** The context whose name the thread acts in. */
  readonly context: number;
  /** Memory of this thread's own: a key, a value. */
  readonly scratch: number;
  readonly seed: number;
  readonly steps: number;
  /** A writer's own keys; a reader looks at all of them. */
  readonly keys: readonly number[];
  /** Keys that every writer changes. */
  readonly sharedKeys: readonly number[];
}

/** Version of each own key that is in the map after the last step, by key. */
export type FinalVersions = Record<number, number>;

export interface ReaderReport {
  readonly found: number;
  /** Values that two lookups in a row agreed on and that nobody ever wrote. */
  readonly torn: number;
}

export const KEY_BYTES = 4;
export const VALUE_WORDS = 8;

/** What the value of `key` is in its `version`th form. */
export function valueOfKey(key: number, version: number): number[] {
  return Array.from({ length: VALUE_WORDS }, (_, i) =>
    i === 0 ? version : (key * 0x9e3779b1 + version * (2 * i + 1)) >>> 0,
  );
}

/** A small generator of pseudo-random numbers below `bound` (xorshift32). */
function randomOf(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

/** A thread's way to the map. */
class HashSide {
  readonly #arena: Arena;
  readonly #dp: DataPlane;
  readonly #map: number;
  readonly #key: number;
  readonly #value: number;

  constructor({ memory, map, context, scratch }: HashTask) {
    const { arena, dp } = barePlane(memory);
    dp.setCurrent(context);
    this.#arena = arena;
    this.#dp = dp;
    this.#map = map;
    this.#key = scratch;
    this.#value = scratch + 8;
  }

  update(key: number, version: number): boolean {
    this.#arena.setU32(this.#key, key);
    putWords(this.#arena, this.#value, valueOfKey(key, version));
    return this.#dp.bpfMapUpdateElem(this.#map, this.#key, this.#value, 0n) === 0;
  }

  delete(key: number): boolean {
    this.#arena.setU32(this.#key, key);
    return this.#dp.bpfMapDeleteElem(this.#map, this.#key) === 0;
  }

  lookup(key: number): number[] | undefined {
    this.#arena.setU32(this.#key, key);
    const value = this.#dp.bpfMapLookupElem(this.#map, this.#key);
    return value === 0 ? undefined : getWords(this.#arena, value, VALUE_WORDS);
  }
}

/** Stores and deletes own keys, and shared ones in between. */
export function write(task: HashTask): FinalVersions {
  const side = new HashSide(task);
  const random = randomOf(task.seed);
  const versions: FinalVersions = {};
  for (let step = 1; step <= task.steps; step++) {
    const shared = task.sharedKeys[random(task.sharedKeys.length * 4)];
    const key = shared ?? task.keys[random(task.keys.length)]!;
    const isDelete = random(3) === 0;
    const done = isDelete ? side.delete(key) : side.update(key, step);
    if (!done || shared !== undefined) continue;
    if (isDelete) delete versions[key];
    else versions[key] = step;
  }
  return versions;
}

const STEPS_MAX = 50_000_000;

/**
 * As in the kernel an element may be used anew while a reader looks at its value. A value that a second lookup finds
 * again was whole.
 */
export function read(task: HashTask): ReaderReport {
  const side = new HashSide(task);
  const random = randomOf(task.seed);
  let found = 0;
  let torn = 0;
  // A reader that is through before the first writer has begun has tested nothing: it goes on until it finds a value.
  for (let step = 0; step < task.steps || (found === 0 && step < STEPS_MAX); step++) {
    const key = task.keys[random(task.keys.length)]!;
    const value = side.lookup(key);
    const again = side.lookup(key);
    if (value === undefined || again === undefined) continue;
    if (!value.every((word, i) => word === again[i])) continue;
    found++;
    if (!valueOfKey(key, value[0]!).every((word, i) => word === value[i])) torn++;
  }
  return { found, torn };
}
