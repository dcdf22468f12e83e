import { BpfMap, LINE } from "../layout";
import { machine } from "../machine";
import { hashElemBytes, nullsOf } from "./hash";
import { nextUnused } from "./hashFree";
import { HashElems } from "./structs";
import { isPerCpu } from "./types";

/** Memory and first contents of the hash types: buckets, their locks, spares, the clock, elements. */

/** `roundup_pow_of_two`, for 1 .. 2^31. */
export function roundUpPow2(n: u32): u32 {
  return n <= 1 ? 1 : 1 << (32 - clz(n - 1));
}

/** Elements: one for each entry and a spare for each CPU and for control. */
function nrElems(capacity: u32): u32 {
  return capacity + machine().nrCpus + 1;
}

function valuesPerElem(type: u32): u32 {
  return isPerCpu(type) ? machine().nrCpus : 1;
}

export function hashStorageBytes(keySize: u32, capacity: u32): u64 {
  const buckets = <u64>roundUpPow2(capacity) * 8;
  const spares = <u64>(machine().nrCpus + 1) * 4 + 8;
  return LINE + buckets + spares + <u64>hashElemBytes(keySize) * nrElems(capacity);
}

export function hashValuesBytes(type: u32, valueStride: u32, capacity: u32): u64 {
  return <u64>valueStride * valuesPerElem(type) * nrElems(capacity);
}

/** The map's common fields, `slots` and `values` are set. Elements are made as they are needed. */
export function hashInit(map: BpfMap): void {
  const elems = changetype<HashElems>(map.slots);
  map.elems = map.slots;
  map.slots += LINE;
  map.nrBuckets = roundUpPow2(map.capacity);
  for (let bucket: u32 = 0; bucket < map.nrBuckets; bucket++) {
    store<u32>(map.slots + (<usize>bucket << 2), nullsOf(bucket));
  }
  map.locks = map.slots + (<usize>map.nrBuckets << 2);
  map.extraElems = map.locks + (<usize>map.nrBuckets << 2);
  const spares = machine().nrCpus + 1;
  elems.elems = (map.extraElems + (<usize>spares << 2) + 7) & ~7;
  elems.elemBytes = hashElemBytes(map.keySize);
  elems.nrElems = nrElems(map.capacity);
  elems.valueBytes = map.valueStride * valuesPerElem(map.type);
  for (let i: u32 = 0; i < spares; i++) {
    store<u32>(map.extraElems + (<usize>i << 2), <u32>nextUnused(map));
  }
}
