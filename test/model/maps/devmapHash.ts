import { devEntry } from './devmap.js';
import { Errno } from './errno.js';
import { BPF_EXIST, BPF_NOEXIST } from './flags.js';
import type { Kernel } from './kernel.js';
import type { DevEntry, DevMapHash } from './objects.js';
import type { EntryValue } from './value.js';

function indexOfKey(map: DevMapHash, key: number): number {
  return map.entries.findIndex((element) => element.key === key);
}

export function lookupDevMapHash(map: DevMapHash, key: number): DevEntry | undefined {
  return map.entries[indexOfKey(map, key)]?.entry;
}

/** `__dev_map_hash_update_elem`. `BPF_EXIST` is the same as `BPF_ANY`: it inserts. */
export function updateDevMapHash(
  kernel: Kernel,
  map: DevMapHash,
  key: number,
  value: EntryValue,
  flags: bigint,
): number {
  if (flags > BPF_EXIST || value.first === 0) return Errno.EINVAL;
  const index = indexOfKey(map, key);
  if (index >= 0 && flags === BPF_NOEXIST) return Errno.EEXIST;
  // Before the size check: a program marks the map even where the map is full.
  const entry = devEntry(kernel, map, value);
  if (!entry) return Errno.EINVAL;
  if (index >= 0) map.entries.splice(index, 1);
  else if (map.entries.length >= map.attributes.maxEntries) return Errno.E2BIG;
  map.entries.unshift({ key, entry });
  return 0;
}

/** `dev_map_hash_delete_elem` */
export function deleteFromDevMapHash(map: DevMapHash, key: number): number {
  const index = indexOfKey(map, key);
  if (index < 0) return Errno.ENOENT;
  map.entries.splice(index, 1);
  return 0;
}

/** Buckets in rising order; in a bucket the newest first, as `hlist_add_head_rcu` puts them. No seed, no mixing. */
function keysInOrder(map: DevMapHash): readonly number[] {
  const buckets = 2 ** Math.ceil(Math.log2(map.attributes.maxEntries));
  const keys = map.entries.map(({ key }) => key);
  return keys.sort((a, b) => (a % buckets) - (b % buckets));
}

/** `dev_map_hash_get_next_key`: an absent key counts as none. */
export function nextDevMapHashKey(map: DevMapHash, key: number | undefined): number | undefined {
  const keys = keysInOrder(map);
  return keys[key === undefined ? 0 : keys.indexOf(key) + 1];
}
