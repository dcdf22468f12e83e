import { load32, lock, store32, unlock } from "../atomics";
import { spend } from "../helper/work";
import { BpfDtabNetdev, BpfMap, Context } from "../layout";

/**
 * DEVMAP_HASH (kernel/bpf/devmap.c): chains that writers change under one lock and readers walk without. The bucket is
 * the key's low bits, newest entry first, so the order of iteration and broadcast is known.
 */

// @ts-ignore: decorator
@inline
function headOf(map: BpfMap, index: u32): usize {
  return map.slots + (<usize>(index & (map.nrBuckets - 1)) << 2);
}

// @ts-ignore: decorator
@inline
function nextOf(entry: BpfDtabNetdev): usize {
  return changetype<usize>(entry) + offsetof<BpfDtabNetdev>("hashNext");
}

/** `__dev_map_hash_lookup_elem`: the entry, or 0. */
export function devMapHashLookup(map: BpfMap, key: u32): usize {
  let entry = load32(headOf(map, key));
  while (entry != 0) {
    spend(1);
    if (changetype<BpfDtabNetdev>(entry).index == key) return entry;
    entry = load32(nextOf(changetype<BpfDtabNetdev>(entry)));
  }
  return 0;
}

/** First entry of bucket `bucket`, or 0. */
// @ts-ignore: decorator
@inline
export function devMapHashFirst(map: BpfMap, bucket: u32): usize {
  return load32(map.slots + (<usize>bucket << 2));
}

// @ts-ignore: decorator
@inline
export function devMapHashNext(entry: BpfDtabNetdev): usize {
  return load32(nextOf(entry));
}

/** Takes the entry of `key` out of its chain; the map's lock is held. Readers that stand on it still find their way on. */
function unlink(map: BpfMap, key: u32): usize {
  let link = headOf(map, key);
  let entry = load32(link);
  while (entry != 0) {
    const next = nextOf(changetype<BpfDtabNetdev>(entry));
    if (changetype<BpfDtabNetdev>(entry).index == key) {
      store32(link, load32(next));
      break;
    }
    link = next;
    entry = load32(link);
  }
  return entry;
}

/**
 * `__dev_map_hash_update_elem`'s publication: `entry` becomes the first of its bucket, an older one of the same key is
 * taken out and returned. Returns `entry` itself, and changes nothing, where the map is full.
 */
export function devMapHashInsert(ctx: Context, map: BpfMap, entry: BpfDtabNetdev): usize {
  lock(map.locks, ctx.id + 1);
  const old = devMapHashLookup(map, entry.index);
  if (old == 0 && map.count >= map.maxEntries) {
    unlock(map.locks);
    return changetype<usize>(entry);
  }
  if (old != 0) unlink(map, entry.index);
  else map.count++;
  const head = headOf(map, entry.index);
  // Plain: nobody knows the entry yet.
  entry.hashNext = changetype<BpfDtabNetdev | null>(<usize>load32(head));
  store32(head, <u32>changetype<usize>(entry));
  unlock(map.locks);
  return old;
}

/** Takes out the entry of `key`; returns it, or 0. */
export function devMapHashDelete(ctx: Context, map: BpfMap, key: u32): usize {
  lock(map.locks, ctx.id + 1);
  const old = unlink(map, key);
  if (old != 0) map.count--;
  unlock(map.locks);
  return old;
}
