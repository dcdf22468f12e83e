import { MapType } from "../uapi";

/** Sets of map types: bit n for type n. */

/** HASH in all its forms: buckets of `HashElem`s. */
const HASHES: u64 = (1 << MapType.HASH) | (1 << MapType.PERCPU_HASH) | (1 << MapType.LRU_HASH)
  | (1 << MapType.LRU_PERCPU_HASH) | (1 << MapType.HASH_OF_MAPS);
const LRU: u64 = (1 << MapType.LRU_HASH) | (1 << MapType.LRU_PERCPU_HASH);
const PERCPU: u64 = (1 << MapType.PERCPU_ARRAY) | (1 << MapType.PERCPU_HASH) | (1 << MapType.LRU_PERCPU_HASH);
const VALUES: u64 = (1 << MapType.ARRAY) | (1 << MapType.PERCPU_ARRAY) | (1 << MapType.HASH) | (1 << MapType.PERCPU_HASH)
  | (1 << MapType.LRU_HASH) | (1 << MapType.LRU_PERCPU_HASH) | (1 << MapType.LPM_TRIE);

// @ts-ignore: decorator
@inline
export function isHash(type: u32): bool {
  return ((HASHES >> type) & 1) != 0;
}

// @ts-ignore: decorator
@inline
export function isLru(type: u32): bool {
  return ((LRU >> type) & 1) != 0;
}

/** Values side by side, `valueStride` apart, which programs get pointers to. */
// @ts-ignore: decorator
@inline
export function hasValues(type: u32): bool {
  return ((VALUES >> type) & 1) != 0;
}

/** A value for each CPU. */
// @ts-ignore: decorator
@inline
export function isPerCpu(type: u32): bool {
  return ((PERCPU >> type) & 1) != 0;
}
