import { copyToShared, equalsShared, load32, loadRelaxed32, lock, store32, storeRelaxed32, unlock } from "../atomics";
import { current } from "../context/current";
import { BpfMap, Context, HashElem } from "../layout";
import { machine } from "../machine";
import { Errno, MapType, UpdateFlag } from "../uapi";

/**
 * HASH and PERCPU_HASH (kernel/bpf/hashtab.c), preallocated: a bucket's chain is changed under its lock and read without
 * one. As in the kernel an element may be used anew while a reader still stands on it; the end of every chain says which
 * bucket it ends, so a reader that was carried over to another chain starts again.
 */

// @ts-ignore: decorator
@inline
function round8(size: u32): u32 {
  return (size + 7) & ~7;
}

// @ts-ignore: decorator
@inline
function keyOf(elem: usize): usize {
  return elem + offsetof<HashElem>();
}

/** Address of an element's value(s). */
// @ts-ignore: decorator
@inline
export function hashValueOf(elem: usize): usize {
  return changetype<HashElem>(elem).value;
}

/** Bytes of an element without its value(s). */
// @ts-ignore: decorator
@inline
function nextOf(elem: usize): usize {
  return elem + offsetof<HashElem>("next");
}

// @ts-ignore: decorator
@inline
function hashOf(elem: usize): usize {
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
function lockOf(map: BpfMap, bucket: u32): usize {
  return map.locks + (<usize>bucket << 2);
}

/** What a chain of `bucket` ends with: odd, so no element's address. */
// @ts-ignore: decorator
@inline
export function nullsOf(bucket: u32): u32 {
  return (bucket << 1) | 1;
}

/** FNV-1a with a finishing mix: any good spread will do, the kernel's is seeded at random. */
function hashKey(map: BpfMap, key: usize): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let i: u32 = 0; i < map.keySize; i++) hash = (hash ^ load<u8>(key + i)) * 0x01000193;
  hash ^= hash >>> 16;
  hash *= 0x85ebca6b;
  return hash ^ (hash >>> 13);
}

// @ts-ignore: decorator
@inline
function isEnd(word: u32): bool {
  return (word & 1) != 0;
}

function find(map: BpfMap, key: usize, hash: u32): usize {
  const bucket = hash & (map.nrBuckets - 1);
  let elem: u32;
  do {
    elem = load32(headOf(map, bucket));
    while (!isEnd(elem)) {
      if (loadRelaxed32(hashOf(elem)) == hash && equalsShared(keyOf(elem), key, map.keySize)) return elem;
      elem = load32(nextOf(elem));
    }
  } while (elem != nullsOf(bucket));
  return 0;
}

/** Address of the element with `key`, or 0. */
export function hashFind(map: BpfMap, key: usize): usize {
  return find(map, key, hashKey(map, key));
}

/** Address of the value that the running CPU sees under `key`, or 0. */
export function hashLookup(map: BpfMap, key: usize): usize {
  const elem = hashFind(map, key);
  if (elem == 0) return 0;
  return map.type == MapType.PERCPU_HASH ? hashValueOfCpu(map, elem, current().cpu!.id) : hashValueOf(elem);
}

// @ts-ignore: decorator
@inline
export function hashValueOfCpu(map: BpfMap, elem: usize, cpu: u32): usize {
  return hashValueOf(elem) + <usize>cpu * map.valueStride;
}

// @ts-ignore: decorator
@inline
function freeLock(map: BpfMap): usize {
  return changetype<usize>(map) + offsetof<BpfMap>("freeLock");
}

function takeFree(ctx: Context, map: BpfMap): usize {
  lock(freeLock(map), ctx.id + 1);
  const elem = map.freeList;
  if (elem) {
    map.freeList = changetype<HashElem | null>(<usize>loadRelaxed32(hashOf(changetype<usize>(elem))));
    map.count++;
  }
  unlock(freeLock(map));
  return changetype<usize>(elem);
}

function giveBack(ctx: Context, map: BpfMap, elem: usize): void {
  lock(freeLock(map), ctx.id + 1);
  storeRelaxed32(hashOf(elem), <u32>changetype<usize>(map.freeList));
  map.freeList = changetype<HashElem>(elem);
  map.count--;
  unlock(freeLock(map));
}

/** The spare element of the running CPU; control, which has none, uses the last. */
function extraSlot(ctx: Context, map: BpfMap): usize {
  const cpu = ctx.cpu;
  return map.extraElems + (<usize>(cpu ? cpu.id : machine().nrCpus) << 2);
}

/**
 * `htab_map_update_elem` and `htab_percpu_map_update_elem`. `perCpu`: `value` holds a value for each CPU (the system
 * call's form); otherwise one, for the running CPU.
 */
export function hashUpdate(map: BpfMap, key: usize, value: usize, flags: u64, perCpu: bool): i32 {
  if (flags > <u64>UpdateFlag.EXIST) return -Errno.EINVAL;
  const ctx = current();
  const hash = hashKey(map, key);
  const bucket = hash & (map.nrBuckets - 1);
  lock(lockOf(map, bucket), ctx.id + 1);
  const old = find(map, key, hash);
  let err: i32 = 0;
  if (old != 0 && flags == UpdateFlag.NOEXIST) err = -Errno.EEXIST;
  else if (old == 0 && flags == UpdateFlag.EXIST) err = -Errno.ENOENT;
  else if (old != 0 && map.type == MapType.PERCPU_HASH) writePerCpu(ctx, map, old, value, perCpu);
  else if (old != 0) replace(ctx, map, bucket, old, value);
  else err = insert(ctx, map, bucket, hash, key, value, perCpu);
  unlock(lockOf(map, bucket));
  return err;
}

function insert(ctx: Context, map: BpfMap, bucket: u32, hash: u32, key: usize, value: usize, perCpu: bool): i32 {
  const elem = takeFree(ctx, map);
  if (elem == 0) return -Errno.E2BIG;
  storeRelaxed32(hashOf(elem), hash);
  copyToShared(keyOf(elem), key, map.keySize);
  if (map.type == MapType.PERCPU_HASH) {
    // The other CPUs' values start at zero (`pcpu_init_value`).
    memory.fill(hashValueOf(elem), 0, map.valueStride * machine().nrCpus);
    writePerCpu(ctx, map, elem, value, perCpu);
  } else {
    copyToShared(hashValueOf(elem), value, map.valueSize);
  }
  link(map, bucket, elem);
  return 0;
}

/** A new element takes the old one's place, so that readers see either value whole; the old one is the next spare. */
function replace(ctx: Context, map: BpfMap, bucket: u32, old: usize, value: usize): void {
  const spare = extraSlot(ctx, map);
  const elem = <usize>load<u32>(spare);
  // The lock is held: `old` stays as it is.
  storeRelaxed32(hashOf(elem), loadRelaxed32(hashOf(old)));
  copyToShared(keyOf(elem), keyOf(old), map.keySize);
  copyToShared(hashValueOf(elem), value, map.valueSize);
  link(map, bucket, elem);
  unlinkElem(map, bucket, old);
  store<u32>(spare, <u32>old);
}

function writePerCpu(ctx: Context, map: BpfMap, elem: usize, value: usize, perCpu: bool): void {
  if (perCpu) {
    copyToShared(hashValueOf(elem), value, map.valueStride * machine().nrCpus);
  } else {
    copyToShared(hashValueOfCpu(map, elem, ctx.cpu!.id), value, map.valueSize);
  }
}

function link(map: BpfMap, bucket: u32, elem: usize): void {
  const head = headOf(map, bucket);
  store32(nextOf(elem), load32(head));
  store32(head, <u32>elem);
}

function unlinkElem(map: BpfMap, bucket: u32, elem: usize): void {
  let at = headOf(map, bucket);
  while (load32(at) != <u32>elem) at = nextOf(load32(at));
  store32(at, load32(nextOf(elem)));
}

/** `htab_map_delete_elem`. */
export function hashDelete(map: BpfMap, key: usize): i32 {
  return remove(map, key, 0);
}

/** `htab_map_lookup_and_delete_elem`: what it takes out, for per-CPU maps a value for each CPU, is copied to `into`. */
export function hashLookupAndDelete(map: BpfMap, key: usize, into: usize): i32 {
  return remove(map, key, into);
}

function remove(map: BpfMap, key: usize, into: usize): i32 {
  const ctx = current();
  const hash = hashKey(map, key);
  const bucket = hash & (map.nrBuckets - 1);
  lock(lockOf(map, bucket), ctx.id + 1);
  const elem = find(map, key, hash);
  if (elem != 0) {
    if (into != 0) memory.copy(into, hashValueOf(elem), valuesBytes(map));
    unlinkElem(map, bucket, elem);
  }
  unlock(lockOf(map, bucket));
  if (elem == 0) return -Errno.ENOENT;
  giveBack(ctx, map, elem);
  return 0;
}

/** Bytes of an element's value, or of its values for all CPUs. */
function valuesBytes(map: BpfMap): u32 {
  return map.type == MapType.PERCPU_HASH ? map.valueStride * machine().nrCpus : map.valueSize;
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
