import { load32, or32 } from "../atomics";
import { BpfMap } from "../layout";
import { Errno, UpdateFlag } from "../uapi";
import { BloomFilter } from "./structs";

/** BLOOM_FILTER (kernel/bpf/bloom_filter.c): bits that are only ever set, so nothing needs a lock. */

/** Bit number `n` of a value: any good spread will do, the kernel's is seeded at random. */
function bitOf(map: BpfMap, bloom: BloomFilter, value: usize, n: u32): u32 {
  let hash: u32 = 0x811c9dc5 ^ (n * 0x9e3779b9);
  for (let i: u32 = 0; i < map.valueSize; i++) hash = (hash ^ load<u8>(value + i)) * 0x01000193;
  hash ^= hash >>> 16;
  hash *= 0x85ebca6b;
  hash ^= hash >>> 13;
  return hash & bloom.mask;
}

// @ts-ignore: decorator
@inline
function wordOf(bloom: BloomFilter, bit: u32): usize {
  return bloom.bits + (<usize>(bit >>> 5) << 2);
}

/** Bytes that a push or a peek looks at. */
export function bloomWork(map: BpfMap): u64 {
  return <u64>map.valueSize * changetype<BloomFilter>(map.slots).nrHashFuncs;
}

/** `bloom_map_push_elem`. */
export function bloomPush(map: BpfMap, value: usize, flags: u64): i32 {
  if (flags != UpdateFlag.ANY) return -Errno.EINVAL;
  const bloom = changetype<BloomFilter>(map.slots);
  for (let n: u32 = 0; n < bloom.nrHashFuncs; n++) {
    const bit = bitOf(map, bloom, value, n);
    or32(wordOf(bloom, bit), 1 << (bit & 31));
  }
  return 0;
}

/** `bloom_map_peek_elem`: 0 where the value may have been pushed, -ENOENT where it was not. */
export function bloomPeek(map: BpfMap, value: usize): i32 {
  const bloom = changetype<BloomFilter>(map.slots);
  for (let n: u32 = 0; n < bloom.nrHashFuncs; n++) {
    const bit = bitOf(map, bloom, value, n);
    if (((load32(wordOf(bloom, bit)) >>> (bit & 31)) & 1) == 0) return -Errno.ENOENT;
  }
  return 0;
}
