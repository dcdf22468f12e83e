import { load32, loadRelaxed32, lock, store32, unlock } from "../atomics";
import { BpfMap, Context, HashElem } from "../layout";
import { popFree } from "./hashFree";
import { freeLock, hashOf, lockOf, unlinkElem } from "./hash";
import { HashElems } from "./structs";

/**
 * Which entry of a full LRU map goes (kernel/bpf/bpf_lru_list.c). DIVERGES: the kernel keeps lists per CPU, evicts in
 * batches, and often before the map is full; here it is a clock (second chance) over all elements, one eviction for each
 * new entry and none before `max_entries` are there. BPF_F_NO_COMMON_LRU changes nothing.
 */

/** Used elements that the hand passes by before it takes one all the same: a bound for the time under the lock. */
const SECOND_CHANCES: u32 = 128;

// @ts-ignore: decorator
@inline
function referencedOf(elem: usize): usize {
  return elem + offsetof<HashElem>("referenced");
}

/**
 * An element for a new entry: a free one, or that of an entry that is evicted. 0 where every element is in the hands of
 * another context at this moment, which takes more contexts than the map has entries.
 */
export function lruTake(ctx: Context, map: BpfMap): usize {
  lock(freeLock(map), ctx.id + 1);
  let elem = popFree(map);
  if (elem == 0) elem = evict(ctx, map);
  unlock(freeLock(map));
  if (elem != 0) store32(referencedOf(elem), 0);
  return elem;
}

/** Bucket locks are taken under `freeLock`: whoever holds a bucket of an LRU map must not ask for that. */
function evict(ctx: Context, map: BpfMap): usize {
  const clock = changetype<HashElems>(map.elems);
  for (let seen: u32 = 0; seen < clock.nrElems + SECOND_CHANCES; seen++) {
    const elem = clock.elems + <usize>clock.hand * clock.elemBytes;
    clock.hand = clock.hand + 1 == clock.nrElems ? 0 : clock.hand + 1;
    if (seen < SECOND_CHANCES && load32(referencedOf(elem)) != 0) {
      store32(referencedOf(elem), 0);
      continue;
    }
    if (takeOut(ctx, map, elem)) return elem;
  }
  return 0;
}

/**
 * Takes an entry out of the map for its element; false: the element is in no bucket just now. Its own words say which
 * bucket to look in; should they change meanwhile, it is not found there.
 */
function takeOut(ctx: Context, map: BpfMap, elem: usize): bool {
  const bucket = loadRelaxed32(hashOf(elem)) & (map.nrBuckets - 1);
  lock(lockOf(map, bucket), ctx.id + 1);
  const isTaken = unlinkElem(map, bucket, elem);
  unlock(lockOf(map, bucket));
  return isTaken;
}
