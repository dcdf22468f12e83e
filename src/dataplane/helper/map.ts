import { BpfMap } from "../layout";
import {
  bpfMapDeleteElem, bpfMapLookupElem, bpfMapLookupPercpuElem, bpfMapPeekElem, bpfMapPopElem, bpfMapPushElem,
  bpfMapUpdateElem, innerMapLookup,
} from "../map/elem";
import { bloomWork } from "../map/bloomFilter";
import { MapType } from "../uapi";
import { MapAccess, MapTypes, asResult, mapArgument, memoryArgument, writableArgument } from "./arguments";
import { redirectValue } from "./redirectValue";
import { afford } from "./work";

/**
 * The map helpers of compiled programs (kernel/bpf/helpers.c), and the types that each may be used with
 * (kernel/bpf/verifier.c:check_map_func_compatibility).
 */

const ARRAYS: MapTypes = (1 << MapType.ARRAY) | (1 << MapType.PERCPU_ARRAY);
const PERCPU_HASHES: MapTypes = (1 << MapType.PERCPU_HASH) | (1 << MapType.LRU_PERCPU_HASH);
const HASHES: MapTypes = (1 << MapType.HASH) | (1 << MapType.LRU_HASH) | PERCPU_HASHES;
const VALUES: MapTypes = ARRAYS | HASHES | (1 << MapType.LPM_TRIE);
const MAPS_OF_MAPS: MapTypes = (1 << MapType.ARRAY_OF_MAPS) | (1 << MapType.HASH_OF_MAPS);
const REDIRECT: MapTypes = (1 << MapType.DEVMAP) | (1 << MapType.DEVMAP_HASH) | (1 << MapType.XSKMAP);
const PERCPU: MapTypes = (1 << MapType.PERCPU_ARRAY) | PERCPU_HASHES;
const QUEUES: MapTypes = (1 << MapType.QUEUE) | (1 << MapType.STACK);
const PUSHED: MapTypes = QUEUES | (1 << MapType.BLOOM_FILTER);

/** A key is looked at byte by byte; chains and prefixes that a lookup goes by count as it passes them. */
// @ts-ignore: decorator
@inline
function affordKey(map: BpfMap): bool {
  return afford(map.keySize);
}

/** Values are copied, for some maps to every CPU's; a bloom filter hashes them, a few times. */
// @ts-ignore: decorator
@inline
function affordValue(map: BpfMap): bool {
  return afford(map.type == MapType.BLOOM_FILTER ? bloomWork(map) : <u64>map.valueSize >> 3);
}

/** `bpf_map_lookup_elem(map, key)`. Maps of maps give a map, which the program may only pass on. */
export function helperMapLookupElem(map: u64, key: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, VALUES | MAPS_OF_MAPS | REDIRECT, MapAccess.READ);
  if (found == null || !memoryArgument(2, key, found.keySize) || !affordKey(found)) return 0;
  if (((MAPS_OF_MAPS >> found.type) & 1) != 0) return innerMapLookup(found, <usize>key);
  return ((REDIRECT >> found.type) & 1) != 0 ? redirectValue(found, <usize>key) : bpfMapLookupElem(found, <usize>key);
}

/** `bpf_map_update_elem(map, key, value, flags)`. */
export function helperMapUpdateElem(map: u64, key: u64, value: u64, flags: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, VALUES, MapAccess.WRITE);
  if (found == null || !memoryArgument(2, key, found.keySize) || !memoryArgument(3, value, found.valueSize)) return 0;
  if (!affordKey(found) || !affordValue(found)) return 0;
  return asResult(bpfMapUpdateElem(found, <usize>key, <usize>value, flags));
}

/** `bpf_map_delete_elem(map, key)`. */
export function helperMapDeleteElem(map: u64, key: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, VALUES, MapAccess.WRITE);
  if (found == null || !memoryArgument(2, key, found.keySize) || !affordKey(found)) return 0;
  return asResult(bpfMapDeleteElem(found, <usize>key));
}

/** `bpf_map_lookup_percpu_elem(map, key, cpu)`. */
export function helperMapLookupPercpuElem(map: u64, key: u64, cpu: u64, _r4: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, PERCPU, MapAccess.READ);
  if (found == null || !memoryArgument(2, key, found.keySize) || !affordKey(found)) return 0;
  return bpfMapLookupPercpuElem(found, <usize>key, <u32>cpu);
}

/** `bpf_map_push_elem(map, value, flags)`. */
export function helperMapPushElem(map: u64, value: u64, flags: u64, _r4: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, PUSHED, MapAccess.WRITE);
  if (found == null || !memoryArgument(2, value, found.valueSize) || !affordValue(found)) return 0;
  return asResult(bpfMapPushElem(found, <usize>value, flags));
}

/** `bpf_map_pop_elem(map, value)`. */
export function helperMapPopElem(map: u64, value: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, QUEUES, MapAccess.WRITE);
  if (found == null || !writableArgument(2, value, found.valueSize) || !affordValue(found)) return 0;
  return asResult(bpfMapPopElem(found, <usize>value));
}

/** `bpf_map_peek_elem(map, value)`. */
export function helperMapPeekElem(map: u64, value: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, PUSHED, MapAccess.READ);
  if (found == null || !affordValue(found)) return 0;
  const isMemory = found.type == MapType.BLOOM_FILTER
    ? memoryArgument(2, value, found.valueSize)
    : writableArgument(2, value, found.valueSize);
  if (!isMemory) return 0;
  return asResult(bpfMapPeekElem(found, <usize>value));
}
