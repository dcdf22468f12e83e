import { BpfCpuMapEntry, BpfMap, BpfDtabNetdev, HashElem, LINE, PtrRing, XdpBulkQueue } from "../layout";
import { machine } from "../machine";
import { xdpBulkQueueBytes } from "../redirect/cpumapQueue";
import { ptrRingBytes, ptrRingInit } from "../ring/ptrRing";
import { MapType } from "../uapi";
import { hashElemBytes, nullsOf } from "./hash";

/** Sizes and first contents of maps and their entries. All memory comes zeroed from the control plane's allocator. */

function isHash(type: u32): bool {
  return type == MapType.HASH || type == MapType.PERCPU_HASH;
}

/** `roundup_pow_of_two`, for 1 .. 2^31. */
function roundUpPow2(n: u32): u32 {
  return n <= 1 ? 1 : 1 << (32 - clz(n - 1));
}

/** Between values where bounds are exact: what runs past the end of one would else be in the next. */
const RED_ZONE_BYTES: u32 = 64;

/** A PERCPU_HASH's values of all CPUs are copied as one, so nothing is between them. */
function valueStride(type: u32, valueSize: u32): u32 {
  const redZone = machine().checked != 0 && type != MapType.PERCPU_HASH ? RED_ZONE_BYTES : 0;
  return ((valueSize + 7) & ~7) + redZone;
}

function valuesPerElem(type: u32): u32 {
  return type == MapType.PERCPU_HASH ? machine().nrCpus : 1;
}

/** Elements of a HASH: one for each entry and a spare for each CPU and for control. */
function nrElems(maxEntries: u32): u32 {
  return maxEntries + machine().nrCpus + 1;
}

/** Bytes of the storage behind a `BpfMap`, its values apart; more than 2^32 - 1 means that no arena can hold it. */
export function mapStorageBytes(type: u32, keySize: u32, maxEntries: u32): u64 {
  switch (type) {
    case MapType.ARRAY:
    case MapType.PERCPU_ARRAY:
      return 0;
    case MapType.DEVMAP_HASH:
      return <u64>roundUpPow2(maxEntries) * 4 + LINE;
    case MapType.HASH:
    case MapType.PERCPU_HASH: {
      const buckets = <u64>roundUpPow2(maxEntries) * 8;
      return buckets + <u64>(machine().nrCpus + 1) * 4 + 8 + <u64>hashElemBytes(keySize) * nrElems(maxEntries);
    }
    default:
      return <u64>maxEntries * 4;
  }
}

/** Bytes of the values that programs get pointers to. */
export function mapValuesBytes(type: u32, valueSize: u32, maxEntries: u32): u64 {
  const stride = <u64>valueStride(type, valueSize);
  switch (type) {
    case MapType.ARRAY:
      return stride * maxEntries;
    case MapType.PERCPU_ARRAY:
      return stride * maxEntries * machine().nrCpus;
    case MapType.HASH:
    case MapType.PERCPU_HASH:
      return stride * valuesPerElem(type) * nrElems(maxEntries);
    default:
      return 0;
  }
}

/** `storage`: `mapStorageBytes` of zeroed memory; `values`: `mapValuesBytes` of what programs may touch. */
export function mapInit(
  map: BpfMap, storage: usize, values: usize, id: u32, type: u32, keySize: u32, valueSize: u32, maxEntries: u32, flags: u32,
): void {
  map.id = id;
  map.type = type;
  map.keySize = keySize;
  map.valueSize = valueSize;
  map.maxEntries = maxEntries;
  map.valueStride = valueStride(type, valueSize);
  map.flags = flags;
  map.slots = storage;
  map.values = values;
  if (type == MapType.ARRAY || type == MapType.PERCPU_ARRAY) {
    map.slots = values;
  } else if (type == MapType.DEVMAP_HASH) {
    map.nrBuckets = roundUpPow2(maxEntries);
    map.locks = storage + (<usize>map.nrBuckets << 2);
  } else if (isHash(type)) {
    hashInit(map, storage);
  }
}

function hashInit(map: BpfMap, storage: usize): void {
  map.nrBuckets = roundUpPow2(map.maxEntries);
  for (let bucket: u32 = 0; bucket < map.nrBuckets; bucket++) {
    store<u32>(storage + (<usize>bucket << 2), nullsOf(bucket));
  }
  map.locks = storage + (<usize>map.nrBuckets << 2);
  map.extraElems = map.locks + (<usize>map.nrBuckets << 2);
  const spares = machine().nrCpus + 1;
  const bytes = hashElemBytes(map.keySize);
  const first = (map.extraElems + (<usize>spares << 2) + 7) & ~7;
  const valueBytes = map.valueStride * valuesPerElem(map.type);
  for (let i: u32 = 0; i < nrElems(map.maxEntries); i++) {
    const elem = changetype<HashElem>(first + <usize>i * bytes);
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

export function devMapEntryBytes(): u32 {
  return offsetof<BpfDtabNetdev>();
}

export function cpuMapEntryBytes(qsize: u32): u32 {
  const bulks = machine().nrCpus * (4 + <u32>LINE);
  return <u32>LINE * 3 + bulks + ptrRingBytes(qsize);
}

/** The queue and the bulk queues of a new cpumap entry; the other fields are control's. */
export function cpuMapEntryInit(rcpu: BpfCpuMapEntry, qsize: u32): void {
  const nrCpus = machine().nrCpus;
  rcpu.qsize = qsize;
  rcpu.queue = changetype<PtrRing>(changetype<usize>(rcpu) + LINE * 2);
  ptrRingInit(rcpu.queue, qsize);
  // A line for each CPU's bulk queue: nobody else touches it.
  const bulks = (changetype<usize>(rcpu.queue) + ptrRingBytes(qsize) + LINE - 1) & ~(LINE - 1);
  rcpu.bulkQueues = bulks + <usize>nrCpus * LINE;
  for (let cpu: u32 = 0; cpu < nrCpus; cpu++) {
    const bq = changetype<XdpBulkQueue>(bulks + <usize>cpu * LINE);
    assert(xdpBulkQueueBytes() <= <u32>LINE);
    bq.obj = rcpu;
    store<u32>(rcpu.bulkQueues + (<usize>cpu << 2), changetype<usize>(bq));
  }
}
