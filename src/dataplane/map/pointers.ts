import { load32, xchg32 } from "../atomics";
import { BpfMap } from "../layout";

/** DEVMAP, CPUMAP and XSKMAP: arrays of pointers that control replaces and contexts read. */

// @ts-ignore: decorator
@inline
function slotOf(map: BpfMap, key: u32): usize {
  return map.slots + (<usize>key << 2);
}

/** The entry under `key`, or 0 (`__dev_map_lookup_elem`, `__cpu_map_lookup_elem`, `__xsk_map_lookup_elem`). */
// @ts-ignore: decorator
@inline
export function pointerLookup(map: BpfMap, key: u32): usize {
  return key < map.maxEntries ? <usize>load32(slotOf(map, key)) : 0;
}

/** Publishes `entry` (0: none) under a `key` in range; returns what was there. A grace period later nobody uses that. */
export function pointerExchange(map: BpfMap, key: u32, entry: usize): usize {
  return xchg32(slotOf(map, key), <u32>entry);
}
