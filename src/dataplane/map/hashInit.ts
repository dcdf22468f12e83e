import { BpfMap, HashElem, LINE } from "../layout";
import { machine } from "../machine";
import { hashElemBytes, nullsOf } from "./hash";
import { LruClock } from "./structs";
import { isLru, isPerCpu } from "./types";

/** Memory and first contents of the hash types: buckets, their locks, spares, the clock, elements. */

/** `roundup_pow_of_two`, for 1 .. 2^31. */
export function roundUpPow2(n: u32): u32 {
  return n <= 1 ? 1 : 1 << (32 - clz(n - 1));
}

/** Elements: one for each entry and a spare for each CPU and for control. */
function nrElems(maxEntries: u32): u32 {
  return maxEntries + machine().nrCpus + 1;
}

function valuesPerElem(type: u32): u32 {
  return isPerCpu(type) ? machine().nrCpus : 1;
}

export function hashStorageBytes(keySize: u32, maxEntries: u32): u64 {
  const buckets = <u64>roundUpPow2(maxEntries) * 8;
  const spares = <u64>(machine().nrCpus + 1) * 4 + 8;
  return LINE + buckets + spares + <u64>hashElemBytes(keySize) * nrElems(maxEntries);
}

export function hashValuesBytes(type: u32, valueStride: u32, maxEntries: u32): u64 {
  return <u64>valueStride * valuesPerElem(type) * nrElems(maxEntries);
}

/** The map's common fields, `slots` and `values` are set. */
export function hashInit(map: BpfMap): void {
  const clock = changetype<LruClock>(map.slots);
  map.slots += LINE;
  map.nrBuckets = roundUpPow2(map.maxEntries);
  for (let bucket: u32 = 0; bucket < map.nrBuckets; bucket++) {
    store<u32>(map.slots + (<usize>bucket << 2), nullsOf(bucket));
  }
  map.locks = map.slots + (<usize>map.nrBuckets << 2);
  map.extraElems = map.locks + (<usize>map.nrBuckets << 2);
  const spares = machine().nrCpus + 1;
  clock.elems = (map.extraElems + (<usize>spares << 2) + 7) & ~7;
  clock.elemBytes = hashElemBytes(map.keySize);
  clock.nrElems = nrElems(map.maxEntries);
  if (isLru(map.type)) map.lru = changetype<usize>(clock);
  const valueBytes = map.valueStride * valuesPerElem(map.type);
  for (let i: u32 = 0; i < clock.nrElems; i++) {
    const elem = changetype<HashElem>(clock.elems + <usize>i * clock.elemBytes);
    elem.value = map.values + <usize>i * valueBytes;
    if (i < spares) {
      store<u32>(map.extraElems + (<usize>i << 2), changetype<usize>(elem));
    } else {
      // Plain: nobody knows the map yet.
      elem.hash = <u32>changetype<usize>(map.freeList);
      map.freeList = elem;
    }
  }
}
