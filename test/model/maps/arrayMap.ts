import { Errno } from './errno.js';
import type { CpuMap, DevMap, XskMap } from './objects.js';

type ArrayMap = CpuMap | DevMap | XskMap;

/** Deleting an empty slot succeeds. `cpu_map_delete_elem`, `dev_map_delete_elem`, `xsk_map_delete_elem`. */
export function deleteFromArray(map: ArrayMap, key: number): number {
  if (key >= map.attributes.maxEntries) return Errno.EINVAL;
  map.slots.delete(key);
  return 0;
}

/** All keys exist, whatever the slots hold. `cpu_map_get_next_key`, `dev_map_get_next_key`, `xsk_map_get_next_key`. */
export function nextArrayKey(map: ArrayMap, key: number | undefined): number | undefined {
  const { maxEntries } = map.attributes;
  if (key === undefined || key >= maxEntries) return 0;
  return key === maxEntries - 1 ? undefined : key + 1;
}
