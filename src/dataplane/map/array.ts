import { current } from "../context/current";
import { BpfMap } from "../layout";
import { Errno, MapType, UpdateFlag } from "../uapi";
import { areFlagsWrong, copyValue, copyValueLocked } from "./value";

/** ARRAY and PERCPU_ARRAY (kernel/bpf/arraymap.c): values side by side; per-CPU ones in a block for each CPU. */

/** Address of the value that the running CPU sees under `key`, or 0. */
export function arrayLookup(map: BpfMap, key: u32): usize {
  if (key >= map.maxEntries) return 0;
  const offset = <usize>key * map.valueStride;
  if (map.type == MapType.ARRAY) return map.slots + offset;
  return arrayValueOfCpu(map, key, current().cpu!.id);
}

/** PERCPU_ARRAY: the value of one CPU; `key` is in range. */
export function arrayValueOfCpu(map: BpfMap, key: u32, cpu: u32): usize {
  return map.slots + (<usize>cpu * map.maxEntries + key) * map.valueStride;
}

/** `array_map_update_elem`, for the running CPU. Without BPF_F_LOCK the value is copied without a lock. */
export function arrayUpdate(map: BpfMap, key: u32, value: usize, flags: u64): i32 {
  if ((flags & ~<u64>UpdateFlag.LOCK) > <u64>UpdateFlag.EXIST) return -Errno.EINVAL;
  if (key >= map.maxEntries) return -Errno.E2BIG;
  if ((flags & UpdateFlag.NOEXIST) != 0) return -Errno.EEXIST;
  if (areFlagsWrong(map, flags)) return -Errno.EINVAL;
  const into = arrayLookup(map, key);
  if ((flags & UpdateFlag.LOCK) != 0) return copyValueLocked(map, into, value, into);
  copyValue(map, into, value);
  return 0;
}
