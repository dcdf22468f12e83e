import { equalsShared, load32, loadRelaxed32, store32 } from "../atomics";
import { current } from "../context/current";
import { BpfMap, HashElem } from "../layout";
import { spend } from "../helper/work";
import { Errno } from "../uapi";
import { isLru, isPerCpu } from "./types";

/**
 * The chains of HASH in all its forms (kernel/bpf/hashtab.c), preallocated: a chain is changed under its bucket's lock
 * and read without one. As in the kernel an element may be used anew while a reader still stands on it; the end of every chain says which
 * bucket it ends, so a reader that was carried over to another chain starts again.
 */

// @ts-ignore: decorator
@inline
function round8(size: u32): u32 {
  return (size + 7) & ~7;
}

// @ts-ignore: decorator
@inline
export function keyOf(elem: usize): usize {
  return elem + offsetof<HashElem>();
}

/** Address of an element's value(s). */
// @ts-ignore: decorator
@inline
export function hashValueOf(elem: usize): usize {
  return changetype<HashElem>(elem).value;
}

// @ts-ignore: decorator
@inline
export function nextOf(elem: usize): usize {
  return elem + offsetof<HashElem>("next");
}

// @ts-ignore: decorator
@inline
export function hashOf(elem: usize): usize {
  return elem + offsetof<HashElem>("hash");
}

/** Bytes of an element without its value(s). */
// @ts-ignore: decorator
@inline
export function hashElemBytes(keySize: u32): u32 {
  return offsetof<HashElem>() + round8(keySize);
}

// @ts-ignore: decorator
@inline
function headOf(map: BpfMap, bucket: u32): usize {
  return map.slots + (<usize>bucket << 2);
}

// @ts-ignore: decorator
@inline
export function lockOf(map: BpfMap, bucket: u32): usize {
  return map.locks + (<usize>bucket << 2);
}

/** What a chain of `bucket` ends with: odd, so no element's address. */
// @ts-ignore: decorator
@inline
export function nullsOf(bucket: u32): u32 {
  return (bucket << 1) | 1;
}

/** FNV-1a with a finishing mix: any good spread will do, the kernel's is seeded at random. */
export function hashKey(map: BpfMap, key: usize): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let i: u32 = 0; i < map.keySize; i++) hash = (hash ^ load<u8>(key + i)) * 0x01000193;
  hash ^= hash >>> 16;
  hash *= 0x85ebca6b;
  return hash ^ (hash >>> 13);
}

// @ts-ignore: decorator
@inline
export function isEnd(word: u32): bool {
  return (word & 1) != 0;
}

export function find(map: BpfMap, key: usize, hash: u32): usize {
  const bucket = hash & (map.nrBuckets - 1);
  let elem: u32;
  do {
    elem = load32(headOf(map, bucket));
    while (!isEnd(elem)) {
      spend(1);
      if (loadRelaxed32(hashOf(elem)) == hash && equalsShared(keyOf(elem), key, map.keySize)) return elem;
      elem = load32(nextOf(elem));
    }
  } while (elem != nullsOf(bucket));
  return 0;
}

/** The entry was used (`bpf_lru_node_set_ref`). */
// @ts-ignore: decorator
@inline
export function markUsed(elem: usize): void {
  const referenced = elem + offsetof<HashElem>("referenced");
  if (load32(referenced) == 0) store32(referenced, 1);
}

/** The first element of a bucket's chain, or the chain's end. */
// @ts-ignore: decorator
@inline
export function hashFirst(map: BpfMap, bucket: u32): usize {
  return load32(headOf(map, bucket));
}

/** Address of the element with `key`, or 0. */
export function hashFind(map: BpfMap, key: usize): usize {
  return find(map, key, hashKey(map, key));
}

/** Address of the value that the running CPU sees under `key`, or 0. For a program: in an LRU map that is a use. */
export function hashLookup(map: BpfMap, key: usize): usize {
  const elem = hashFind(map, key);
  if (elem == 0) return 0;
  if (isLru(map.type)) markUsed(elem);
  return isPerCpu(map.type) ? hashValueOfCpu(map, elem, current().cpu!.id) : hashValueOf(elem);
}

// @ts-ignore: decorator
@inline
export function hashValueOfCpu(map: BpfMap, elem: usize, cpu: u32): usize {
  return hashValueOf(elem) + <usize>cpu * map.valueStride;
}

// @ts-ignore: decorator
@inline
export function freeLock(map: BpfMap): usize {
  return changetype<usize>(map) + offsetof<BpfMap>("freeLock");
}

export function link(map: BpfMap, bucket: u32, elem: usize): void {
  const head = headOf(map, bucket);
  store32(nextOf(elem), load32(head));
  store32(head, <u32>elem);
}

/** Takes the element out of its locked bucket; false: it is not in it. */
export function unlinkElem(map: BpfMap, bucket: u32, elem: usize): bool {
  let at = headOf(map, bucket);
  for (let next = load32(at); next != <u32>elem; next = load32(at)) {
    if (isEnd(next)) return false;
    at = nextOf(next);
  }
  store32(at, load32(nextOf(elem)));
  return true;
}

/** `htab_map_get_next_key`: writes to `next`. A null (0) or absent `key` asks for the first. 0 or -ENOENT. */
export function hashNextKey(map: BpfMap, key: usize, next: usize): i32 {
  let bucket: u32 = 0;
  if (key != 0) {
    const hash = hashKey(map, key);
    const elem = find(map, key, hash);
    if (elem != 0) {
      const after = load32(nextOf(elem));
      if (!isEnd(after)) return copyKey(map, after, next);
      bucket = (hash & (map.nrBuckets - 1)) + 1;
    }
  }
  for (; bucket < map.nrBuckets; bucket++) {
    const first = load32(headOf(map, bucket));
    if (!isEnd(first)) return copyKey(map, first, next);
  }
  return -Errno.ENOENT;
}

function copyKey(map: BpfMap, elem: usize, next: usize): i32 {
  memory.copy(next, keyOf(elem), map.keySize);
  return 0;
}
