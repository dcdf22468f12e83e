import { load32 } from "../atomics";
import { BpfMap } from "../layout";
import { machine } from "../machine";
import { Errno, MapType } from "../uapi";
import { arrayLookup, arrayUpdate, arrayValueOfCpu } from "./array";
import { bloomPeek, bloomPush } from "./bloomFilter";
import { devMapHashLookup } from "./devmapHash";
import { hashFind, hashLookup, hashValueOfCpu } from "./hash";
import { hashDelete, hashUpdate } from "./hashUpdate";
import { lpmDelete, lpmLookup, lpmUpdate } from "./lpmTrie";
import { pointerLookup } from "./pointers";
import { queueStackPush, queueStackTake } from "./queueStack";

/** The map helpers of programs, by type. Which types a helper takes is the caller's to check. */

/** Address of the value, or 0. Redirect maps give their entry, which is nothing to show to a program. */
export function bpfMapLookupElem(map: BpfMap, key: usize): usize {
  switch (map.type) {
    case MapType.ARRAY:
    case MapType.PERCPU_ARRAY:
      return arrayLookup(map, load<u32>(key));
    case MapType.HASH:
    case MapType.PERCPU_HASH:
    case MapType.LRU_HASH:
    case MapType.LRU_PERCPU_HASH:
      return hashLookup(map, key);
    case MapType.LPM_TRIE:
      return lpmLookup(map, key);
    case MapType.DEVMAP_HASH:
      return devMapHashLookup(map, load<u32>(key));
    case MapType.DEVMAP:
    case MapType.CPUMAP:
    case MapType.XSKMAP:
      return pointerLookup(map, load<u32>(key));
    default:
      return 0;
  }
}

/** `bpf_map_lookup_elem` in a map of maps: the inner `BpfMap`, or 0. */
export function innerMapLookup(map: BpfMap, key: usize): usize {
  if (map.type == MapType.ARRAY_OF_MAPS) return pointerLookup(map, load<u32>(key));
  const slot = hashLookup(map, key);
  return slot == 0 ? 0 : load32(slot);
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

/** 0 or a negative errno. Maps of pointers are the system call's alone. */
export function bpfMapUpdateElem(map: BpfMap, key: usize, value: usize, flags: u64): i32 {
  switch (map.type) {
    case MapType.ARRAY:
    case MapType.PERCPU_ARRAY:
      return arrayUpdate(map, load<u32>(key), value, flags);
    case MapType.HASH:
    case MapType.PERCPU_HASH:
    case MapType.LRU_HASH:
    case MapType.LRU_PERCPU_HASH:
      return hashUpdate(map, key, value, flags, false);
    case MapType.LPM_TRIE:
      return lpmUpdate(map, key, value, flags);
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
    case MapType.LRU_HASH:
    case MapType.LRU_PERCPU_HASH:
      return hashDelete(map, key);
    case MapType.LPM_TRIE:
      return lpmDelete(map, key);
    default:
      return -Errno.EOPNOTSUPP;
  }
}

/** `bpf_map_push_elem`, of QUEUE, STACK and BLOOM_FILTER. */
export function bpfMapPushElem(map: BpfMap, value: usize, flags: u64): i32 {
  return map.type == MapType.BLOOM_FILTER ? bloomPush(map, value, flags) : queueStackPush(map, value, flags);
}

/** `bpf_map_peek_elem`: of a bloom filter it asks for `value`, of the others it fills it in. */
export function bpfMapPeekElem(map: BpfMap, value: usize): i32 {
  return map.type == MapType.BLOOM_FILTER ? bloomPeek(map, value) : queueStackTake(map, value, false);
}

/** `bpf_map_pop_elem`, of QUEUE and STACK. */
export function bpfMapPopElem(map: BpfMap, value: usize): i32 {
  return queueStackTake(map, value, true);
}
