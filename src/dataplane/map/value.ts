import { copyToShared, store32 } from "../atomics";
import { current } from "../context/current";
import { BpfMap } from "../layout";
import { Errno, UpdateFlag } from "../uapi";
import { spinLockGive, spinLockTake } from "./spinLock";

/** Copies of values that may have a `bpf_spin_lock` in them (include/linux/bpf.h:copy_map_value). */

const SPIN_LOCK_BYTES: u32 = 4;

// @ts-ignore: decorator
@inline
export function hasSpinLock(map: BpfMap): bool {
  return map.spinLock != 0;
}

/** Flags that no update knows, or BPF_F_LOCK for a map without a lock. */
// @ts-ignore: decorator
@inline
export function areFlagsWrong(map: BpfMap, flags: u64): bool {
  if ((flags & ~<u64>UpdateFlag.LOCK) > <u64>UpdateFlag.EXIST) return true;
  return (flags & UpdateFlag.LOCK) != 0 && !hasSpinLock(map);
}

/** `copy_map_value`: the lock in `into` stays as it is. */
export function copyValue(map: BpfMap, into: usize, from: usize): void {
  if (!hasSpinLock(map)) {
    copyToShared(into, from, map.valueSize);
    return;
  }
  const lock = map.spinLock - 1;
  const rest = lock + SPIN_LOCK_BYTES;
  copyToShared(into, from, lock);
  copyToShared(into + rest, from + rest, map.valueSize - rest);
}

/** `check_and_init_map_value`: the lock of a copy is free. */
export function initLock(map: BpfMap, value: usize): void {
  if (hasSpinLock(map)) store32(value + map.spinLock - 1, 0);
}

/**
 * `copy_map_value_locked`, under the lock in `shared`, which is one of the two: 0, or -EBUSY where it is not free for too long.
 * DIVERGES: the kernel waits for as long as it takes.
 */
export function copyValueLocked(map: BpfMap, into: usize, from: usize, shared: usize): i32 {
  const lock = shared + map.spinLock - 1;
  if (!spinLockTake(lock, current().id + 1)) return -Errno.EBUSY;
  copyValue(map, into, from);
  spinLockGive(lock);
  return 0;
}
