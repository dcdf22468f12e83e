import { loadRelaxed32, lock, storeRelaxed32, unlock } from "../atomics";
import { BpfMap, Context, HashElem } from "../layout";
import { freeLock, hashOf } from "./hash";
import { HashElems } from "./structs";

/** Elements of a hash that are in no bucket. */

/** A free element, which counts as an entry then; 0 where there is none. The map's `freeLock` is held. */
export function popFree(map: BpfMap): usize {
  const elem = map.freeList;
  if (elem == null) {
    const fresh = nextUnused(map);
    if (fresh != 0) map.count++;
    return fresh;
  }
  map.freeList = changetype<HashElem | null>(<usize>loadRelaxed32(hashOf(changetype<usize>(elem))));
  map.count++;
  return changetype<usize>(elem);
}

/** One that never was in use, so that a map takes memory as it fills; 0 where all have been. */
export function nextUnused(map: BpfMap): usize {
  const elems = changetype<HashElems>(map.elems);
  const index = elems.nrUsed;
  if (index == elems.nrElems) return 0;
  elems.nrUsed = index + 1;
  const elem = changetype<HashElem>(elems.elems + <usize>index * elems.elemBytes);
  // Plain: nobody knows the element yet.
  elem.value = map.values + <usize>index * elems.valueBytes;
  return changetype<usize>(elem);
}

export function takeFree(ctx: Context, map: BpfMap): usize {
  lock(freeLock(map), ctx.id + 1);
  const elem = popFree(map);
  unlock(freeLock(map));
  return elem;
}

export function giveBack(ctx: Context, map: BpfMap, elem: usize): void {
  lock(freeLock(map), ctx.id + 1);
  storeRelaxed32(hashOf(elem), <u32>changetype<usize>(map.freeList));
  map.freeList = changetype<HashElem>(elem);
  map.count--;
  unlock(freeLock(map));
}
