import type { Arena } from '../arena/arena.js';
import { BpfMap, HashElem } from '../arena/layout.generated.js';

/** The buckets of a hash in all its forms, as control sees them while contexts change them. */
export class HashChains {
  readonly #arena: Arena;
  readonly #map: number;
  readonly #keySize: number;

  constructor(arena: Arena, map: number, keySize: number) {
    this.#arena = arena;
    this.#map = map;
    this.#keySize = keySize;
  }

  get length(): number {
    return this.#arena.get(this.#map, BpfMap.nrBuckets);
  }

  /** Keys in one bucket, newest first. A chain ends with its bucket's number: another's means that it was left meanwhile. */
  keysOf(bucket: number): Uint8Array[] {
    const end = 2 * bucket + 1;
    for (;;) {
      const keys: Uint8Array[] = [];
      const most = this.#arena.get(this.#map, BpfMap.capacity);
      let at = this.#arena.loadSharedAt(this.#arena.get(this.#map, BpfMap.slots) + 4 * bucket);
      for (; at % 2 === 0 && keys.length <= most; at = this.#arena.loadShared(at, HashElem.next))
        keys.push(this.#arena.copyFromShared(at + HashElem.SIZE, this.#keySize));
      if (at >>> 0 === end) return keys;
    }
  }
}
