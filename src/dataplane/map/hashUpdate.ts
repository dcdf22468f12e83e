import { copyToShared, loadRelaxed32, lock, storeRelaxed32, unlock } from "../atomics";
import { current } from "../context/current";
import { BpfMap, Context } from "../layout";
import { machine } from "../machine";
import { spend } from "../helper/work";
import { Errno, UpdateFlag } from "../uapi";
import {
  find, hashKey, hashOf, hashValueOf, hashValueOfCpu, keyOf, link, lockOf, markUsed, unlinkElem,
} from "./hash";
import { giveBack, takeFree } from "./hashFree";
import { lruTake } from "./lru";
import { isLru, isPerCpu } from "./types";
import { areFlagsWrong, copyValue, copyValueLocked, initLock } from "./value";

/** Changes to HASH in all its forms (kernel/bpf/hashtab.c). */

/** The spare element of the running CPU; control, which has none, uses the last. */
function extraSlot(ctx: Context, map: BpfMap): usize {
  const cpu = ctx.cpu;
  return map.extraElems + (<usize>(cpu ? cpu.id : machine().nrCpus) << 2);
}

/**
 * `htab_map_update_elem` and its variants. `perCpu`: `value` holds a value for each CPU (the system call's form);
 * otherwise one, for the running CPU.
 */
export function hashUpdate(map: BpfMap, key: usize, value: usize, flags: u64, perCpu: bool): i32 {
  if (areFlagsWrong(map, flags)) return -Errno.EINVAL;
  const ctx = current();
  const hash = hashKey(map, key);
  if ((flags & UpdateFlag.LOCK) != 0) {
    const there = find(map, key, hash);
    if (there != 0) return updateLocked(map, there, value, flags);
  }
  if (isLru(map.type)) return lruUpdate(ctx, map, hash, key, value, flags, perCpu);
  const bucket = hash & (map.nrBuckets - 1);
  lock(lockOf(map, bucket), ctx.id + 1);
  const old = find(map, key, hash);
  let err = checkFlags(old, flags);
  if (err == 0) {
    if (old != 0) {
      if ((flags & UpdateFlag.LOCK) != 0) err = updateLocked(map, old, value, flags);
      else overwrite(ctx, map, bucket, old, value, perCpu);
    } else {
      const elem = takeFree(ctx, map);
      if (elem == 0) err = map.capacity < map.maxEntries ? -Errno.ENOMEM : -Errno.E2BIG;
      else insert(ctx, map, elem, hash, key, value, perCpu);
    }
  }
  unlock(lockOf(map, bucket));
  return err;
}

/**
 * `htab_lru_map_update_elem`: where the map is full another entry goes, so the new element is taken before the bucket's
 * lock, and not at all where the key is there already (the kernel takes, and evicts, one even then).
 */
function lruUpdate(ctx: Context, map: BpfMap, hash: u32, key: usize, value: usize, flags: u64, perCpu: bool): i32 {
  let err = lruOverwrite(ctx, map, hash, key, value, flags, perCpu);
  if (err != NOT_THERE) return err;
  const elem = lruTake(ctx, map);
  if (elem == 0) return -Errno.ENOMEM;
  const bucket = hash & (map.nrBuckets - 1);
  lock(lockOf(map, bucket), ctx.id + 1);
  // Another context may have put the key there in between.
  const old = find(map, key, hash);
  err = checkFlags(old, flags);
  const isNew = err == 0 && old == 0;
  if (isNew) insert(ctx, map, elem, hash, key, value, perCpu);
  else if (err == 0) overwrite(ctx, map, bucket, old, value, perCpu);
  unlock(lockOf(map, bucket));
  if (!isNew) giveBack(ctx, map, elem);
  return err;
}

/** No errno: the key is not there and may be added. */
const NOT_THERE: i32 = 1;

/** Writes to an entry that is there: 0 or a negative errno, or NOT_THERE. */
function lruOverwrite(ctx: Context, map: BpfMap, hash: u32, key: usize, value: usize, flags: u64, perCpu: bool): i32 {
  const bucket = hash & (map.nrBuckets - 1);
  lock(lockOf(map, bucket), ctx.id + 1);
  const old = find(map, key, hash);
  const err = checkFlags(old, flags);
  if (old != 0 && err == 0) overwrite(ctx, map, bucket, old, value, perCpu);
  unlock(lockOf(map, bucket));
  return err == 0 && old == 0 ? NOT_THERE : err;
}

/** `check_flags`. */
function checkFlags(old: usize, flags: u64): i32 {
  if (old != 0 && (flags & UpdateFlag.NOEXIST) != 0) return -Errno.EEXIST;
  return old == 0 && (flags & UpdateFlag.EXIST) != 0 ? -Errno.ENOENT : 0;
}

/** With BPF_F_LOCK an element is written where it is. */
function updateLocked(map: BpfMap, elem: usize, value: usize, flags: u64): i32 {
  const err = checkFlags(elem, flags);
  const into = hashValueOf(elem);
  return err != 0 ? err : copyValueLocked(map, into, value, into);
}

/** Fills a free element and links it; its bucket is locked. */
function insert(ctx: Context, map: BpfMap, elem: usize, hash: u32, key: usize, value: usize, perCpu: bool): void {
  storeRelaxed32(hashOf(elem), hash);
  copyToShared(keyOf(elem), key, map.keySize);
  if (isPerCpu(map.type)) {
    // The other CPUs' values start at zero (`pcpu_init_value`).
    const bytes = map.valueStride * machine().nrCpus;
    spend(bytes >>> 3);
    memory.fill(hashValueOf(elem), 0, bytes);
    writePerCpu(ctx, map, elem, value, perCpu);
  } else {
    copyNew(map, elem, value);
  }
  link(map, hash & (map.nrBuckets - 1), elem);
}

/** The value of an element that nobody knows yet. */
function copyNew(map: BpfMap, elem: usize, value: usize): void {
  copyValue(map, hashValueOf(elem), value);
  initLock(map, hashValueOf(elem));
}

function overwrite(ctx: Context, map: BpfMap, bucket: u32, old: usize, value: usize, perCpu: bool): void {
  if (isPerCpu(map.type)) {
    writePerCpu(ctx, map, old, value, perCpu);
    if (isLru(map.type)) markUsed(old);
  } else {
    replace(ctx, map, bucket, old, value);
  }
}

/** A new element takes the old one's place, so that readers see either value whole; the old one is the next spare. */
function replace(ctx: Context, map: BpfMap, bucket: u32, old: usize, value: usize): void {
  const spare = extraSlot(ctx, map);
  const elem = <usize>load<u32>(spare);
  // The lock is held: `old` stays as it is.
  storeRelaxed32(hashOf(elem), loadRelaxed32(hashOf(old)));
  copyToShared(keyOf(elem), keyOf(old), map.keySize);
  copyNew(map, elem, value);
  if (isLru(map.type)) markUsed(elem);
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
  return isPerCpu(map.type) ? map.valueStride * machine().nrCpus : map.valueSize;
}
