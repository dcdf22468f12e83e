import { BpfMap } from "../layout";
import { Errno, MapType } from "../uapi";
import { machine } from "../machine";
import { arrayLookup, arrayUpdate, arrayValueOfCpu } from "./array";
import { devMapHashLookup } from "./devmapHash";
import { hashDelete, hashFind, hashLookup, hashUpdate, hashValueOfCpu } from "./hash";
import { pointerLookup } from "./pointers";

/** The map helpers of programs: `bpf_map_lookup_elem`, `_update_elem`, `_delete_elem`. */

/** Address of the value, or 0. Redirect maps give their entry: a program may only test it. */
export function bpfMapLookupElem(map: BpfMap, key: usize): usize {
  switch (map.type) {
    case MapType.ARRAY:
    case MapType.PERCPU_ARRAY:
      return arrayLookup(map, load<u32>(key));
    case MapType.HASH:
    case MapType.PERCPU_HASH:
      return hashLookup(map, key);
    case MapType.DEVMAP_HASH:
      return devMapHashLookup(map, load<u32>(key));
    default:
      return pointerLookup(map, load<u32>(key));
  }
}

/** `bpf_map_lookup_percpu_elem`: the value of one CPU, or 0. */
export function bpfMapLookupPercpuElem(map: BpfMap, key: usize, cpu: u32): usize {
  if (cpu >= machine().nrCpus) return 0;
  if (map.type == MapType.PERCPU_ARRAY) {
    const index = load<u32>(key);
    return index < map.maxEntries ? arrayValueOfCpu(map, index, cpu) : 0;
  }
  const elem = hashFind(map, key);
  return elem == 0 ? 0 : hashValueOfCpu(map, elem, cpu);
}

/** 0 or a negative errno. Redirect maps are the system call's alone. */
export function bpfMapUpdateElem(map: BpfMap, key: usize, value: usize, flags: u64): i32 {
  switch (map.type) {
    case MapType.ARRAY:
    case MapType.PERCPU_ARRAY:
      return arrayUpdate(map, load<u32>(key), value, flags);
    case MapType.HASH:
    case MapType.PERCPU_HASH:
      return hashUpdate(map, key, value, flags, false);
    default:
      return -Errno.EOPNOTSUPP;
  }
}

/** 0 or a negative errno. */
export function bpfMapDeleteElem(map: BpfMap, key: usize): i32 {
  switch (map.type) {
    case MapType.ARRAY:
    case MapType.PERCPU_ARRAY:
      return -Errno.EINVAL;
    case MapType.HASH:
    case MapType.PERCPU_HASH:
      return hashDelete(map, key);
    default:
      return -Errno.EOPNOTSUPP;
  }
}
