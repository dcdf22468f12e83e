import { bpfMapDeleteElem, bpfMapLookupElem, bpfMapUpdateElem, bpfMapLookupPercpuElem } from "../map/elem";
import { MapType } from "../uapi";
import { MapAccess, MapTypes, asResult, mapArgument, memoryArgument } from "./arguments";

/** The map helpers of compiled programs (kernel/bpf/helpers.c), which types each may be used with as the verifier has it. */

const ARRAYS: MapTypes = (1 << MapType.ARRAY) | (1 << MapType.PERCPU_ARRAY);
const HASHES: MapTypes = (1 << MapType.HASH) | (1 << MapType.PERCPU_HASH);
const REDIRECT: MapTypes = (1 << MapType.DEVMAP) | (1 << MapType.DEVMAP_HASH) | (1 << MapType.CPUMAP) | (1 << MapType.XSKMAP);
const PERCPU: MapTypes = (1 << MapType.PERCPU_ARRAY) | (1 << MapType.PERCPU_HASH);

/** `bpf_map_lookup_elem(map, key)`. */
export function helperMapLookupElem(map: u64, key: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, ARRAYS | HASHES | REDIRECT, MapAccess.READ);
  if (found == null || !memoryArgument(2, key, found.keySize)) return 0;
  return bpfMapLookupElem(found, <usize>key);
}

/** `bpf_map_update_elem(map, key, value, flags)`. */
export function helperMapUpdateElem(map: u64, key: u64, value: u64, flags: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, ARRAYS | HASHES, MapAccess.WRITE);
  if (found == null || !memoryArgument(2, key, found.keySize) || !memoryArgument(3, value, found.valueSize)) return 0;
  return asResult(bpfMapUpdateElem(found, <usize>key, <usize>value, flags));
}

/** `bpf_map_delete_elem(map, key)`. */
export function helperMapDeleteElem(map: u64, key: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, ARRAYS | HASHES, MapAccess.WRITE);
  if (found == null || !memoryArgument(2, key, found.keySize)) return 0;
  return asResult(bpfMapDeleteElem(found, <usize>key));
}

/** `bpf_map_lookup_percpu_elem(map, key, cpu)`. */
export function helperMapLookupPercpuElem(map: u64, key: u64, cpu: u64, _r4: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, PERCPU, MapAccess.READ);
  if (found == null || !memoryArgument(2, key, found.keySize)) return 0;
  return bpfMapLookupPercpuElem(found, <usize>key, <u32>cpu);
}
