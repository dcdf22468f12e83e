import { load32 } from "../atomics";
import { hasFault } from "../context/fault";
import { current } from "../context/current";
import { BpfMap, FOR_EACH_KEY_MAX } from "../layout";
import { arrayLookup } from "../map/array";
import { hashFirst, hashValueOf, hashValueOfCpu, isEnd, keyOf, nextOf } from "../map/hash";
import { isHash, isPerCpu } from "../map/types";
import { Errno, MapType } from "../uapi";
import { MapAccess, MapTypes, asResult, mapArgument } from "./arguments";
import { callbackArgument, invoke } from "./callback";
import { Refusal, refuseArgument } from "./refuse";
import { afford, affordCopy } from "./work";

const TYPES: MapTypes = (1 << MapType.ARRAY) | (1 << MapType.PERCPU_ARRAY) | (1 << MapType.HASH)
  | (1 << MapType.PERCPU_HASH) | (1 << MapType.LRU_HASH) | (1 << MapType.LRU_PERCPU_HASH);

/** Keys are copied to memory that the program may read: FOR_EACH_DEPTH_MAX areas of FOR_EACH_KEY_MAX bytes, by nesting. */
export const FOR_EACH_DEPTH_MAX: u32 = 8;

/** Iterations in hand, one inside of the other. */
let depth: u32 = 0;

/** `bpf_for_each_map_elem(map, callback, callback_ctx, flags)`: how often it called back. */
export function helperForEachMapElem(map: u64, callback: u64, callbackCtx: u64, flags: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, TYPES, MapAccess.READ);
  if (found == null || !callbackArgument(2, callback)) return 0;
  if (flags != 0) return asResult(-Errno.EINVAL);
  if (depth == FOR_EACH_DEPTH_MAX || found.keySize > FOR_EACH_KEY_MAX) return refuseArgument(Refusal.NOT_MEMORY, 1, map);
  const key = current().programScratch + <usize>depth * FOR_EACH_KEY_MAX;
  depth++;
  const count = isHash(found.type) ? eachHashElem(found, key, callback, callbackCtx) : eachArrayElem(found, key, callback, callbackCtx);
  depth--;
  return count;
}

/** `bpf_for_each_array_elem`. */
function eachArrayElem(map: BpfMap, key: usize, callback: u64, callbackCtx: u64): u64 {
  for (let i: u32 = 0; i < map.maxEntries; i++) {
    if (!afford(1)) return 0;
    store<u32>(key, i);
    const stops = invoke(callback, changetype<usize>(map), key, arrayLookup(map, i), callbackCtx) != 0;
    if (hasFault()) return 0;
    if (stops) return i + 1;
  }
  return map.maxEntries;
}

/** `bpf_for_each_hash_elem`. What others change meanwhile it may see or not; it ends all the same. */
function eachHashElem(map: BpfMap, key: usize, callback: u64, callbackCtx: u64): u64 {
  let count: u32 = 0;
  for (let bucket: u32 = 0; bucket < map.nrBuckets; bucket++) {
    if (!afford(1)) return 0;
    let elem = <u32>hashFirst(map, bucket);
    // A reader on an element that is used anew may be led to another chain: more than there are it never needs.
    for (let left = map.maxEntries; left != 0 && !isEnd(elem); left--) {
      if (!affordCopy(map.keySize + 8)) return 0;
      memory.copy(key, keyOf(elem), map.keySize);
      const value = isPerCpu(map.type) ? hashValueOfCpu(map, elem, current().cpu!.id) : hashValueOf(elem);
      count++;
      const stops = invoke(callback, changetype<usize>(map), key, value, callbackCtx) != 0;
      if (hasFault()) return 0;
      if (stops) return count;
      elem = load32(nextOf(elem));
    }
  }
  return count;
}
