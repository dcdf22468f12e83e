import { BpfCpuMapEntry, BpfMap, BpfDtabNetdev, LINE, PtrRing, XdpBulkQueue } from "../layout";
import { machine } from "../machine";
import { xdpBulkQueueBytes } from "../redirect/cpumapQueue";
import { ptrRingBytes, ptrRingInit } from "../ring/ptrRing";
import { MapType } from "../uapi";
import { hashInit, hashStorageBytes, hashValuesBytes, roundUpPow2 } from "./hashInit";
import { BloomFilter, LpmNode, LpmTrie, QueueStack, Ringbuf } from "./structs";
import { isHash, isPerCpu } from "./types";

/** Sizes and first contents of maps and their entries. All memory comes zeroed from the control plane's allocator. */

function roundUp8(size: u32): u32 {
  return (size + 7) & ~7;
}

/** Nodes of a trie: one for each entry, one to join each two of them, and one that replaces another. */
function lpmNodes(maxEntries: u32): u64 {
  return <u64>maxEntries * 2 + 1;
}

function lpmNodeBytes(keySize: u32): u32 {
  return roundUp8(offsetof<LpmNode>() + keySize - 4);
}

/** Between values where bounds are exact: what runs past the end of one would else be in the next. */
const RED_ZONE_BYTES: u32 = 64;

/** The values of all CPUs in a hash are copied as one, so nothing is between them. */
function valueStride(type: u32, valueSize: u32): u32 {
  const redZone = machine().checked != 0 && !(isHash(type) && isPerCpu(type)) ? RED_ZONE_BYTES : 0;
  return roundUp8(valueSize) + redZone;
}

/** Bits of a bloom filter (`bloom_map_alloc`): 7/5 of entries times hash functions, to the next power of two. */
function bloomBits(maxEntries: u32, nrHashFuncs: u32): u64 {
  const bits = <u64>maxEntries * nrHashFuncs / 5 * 7;
  if (bits > 0x80000000) return 0x100000000;
  return bits <= 64 ? 64 : roundUpPow2(<u32>bits);
}

/** `map_extra`'s low 4 bits; 5 where they are 0. */
function bloomHashFuncs(extra: u32): u32 {
  return extra == 0 ? 5 : extra & 15;
}

/**
 * Bytes of the storage behind a `BpfMap` with room for so many entries, its values apart; more than 2^32 - 1 means that no
 * arena can hold it. `extra`: `map_extra`.
 */
export function mapStorageBytes(type: u32, keySize: u32, valueSize: u32, maxEntries: u32, extra: u32): u64 {
  if (isHash(type)) return hashStorageBytes(keySize, maxEntries);
  switch (type) {
    case MapType.ARRAY:
    case MapType.PERCPU_ARRAY:
      return 0;
    case MapType.DEVMAP_HASH:
      return <u64>roundUpPow2(maxEntries) * 4 + LINE;
    case MapType.LPM_TRIE:
      return LINE * 2 + lpmNodes(maxEntries) * <u64>lpmNodeBytes(keySize);
    case MapType.QUEUE:
    case MapType.STACK:
      return LINE * 2 + (<u64>maxEntries + 1) * valueSize;
    case MapType.BLOOM_FILTER:
      return LINE + bloomBits(maxEntries, bloomHashFuncs(extra)) / 8;
    case MapType.RINGBUF:
      return LINE * 4 + <u64>maxEntries / 2;
    default:
      return <u64>maxEntries * 4;
  }
}

/** Bytes of the values of so many entries. */
export function mapValuesBytes(type: u32, valueSize: u32, maxEntries: u32): u64 {
  const stride = valueStride(type, valueSize);
  if (isHash(type)) return hashValuesBytes(type, stride, maxEntries);
  switch (type) {
    case MapType.ARRAY:
      return <u64>stride * maxEntries;
    case MapType.PERCPU_ARRAY:
      return <u64>stride * maxEntries * machine().nrCpus;
    case MapType.LPM_TRIE:
      return <u64>stride * lpmNodes(maxEntries);
    case MapType.RINGBUF:
      return <u64>maxEntries * 2;
    default:
      return 0;
  }
}

/** Whether programs get pointers to the values, so that they must be where programs may write. */
export function mapValuesAreForPrograms(type: u32): bool {
  return type != MapType.HASH_OF_MAPS;
}

/**
 * The common fields but for `slot` are control's. `storage` and `values` are `mapStorageBytes` and `mapValuesBytes` of
 * zeroed memory.
 */
export function mapInit(map: BpfMap, storage: usize, values: usize, extra: u32): void {
  map.valueStride = valueStride(map.type, map.valueSize);
  map.slots = storage;
  map.values = values;
  if (isHash(map.type)) {
    hashInit(map);
    return;
  }
  switch (map.type) {
    case MapType.ARRAY:
    case MapType.PERCPU_ARRAY: {
      map.slots = values;
      return;
    }
    case MapType.DEVMAP_HASH: {
      map.nrBuckets = roundUpPow2(map.maxEntries);
      map.locks = storage + (<usize>map.nrBuckets << 2);
      return;
    }
    case MapType.LPM_TRIE: {
      lpmInit(map);
      return;
    }
    case MapType.QUEUE:
    case MapType.STACK: {
      queueStackInit(map);
      return;
    }
    case MapType.BLOOM_FILTER: {
      bloomInit(map, extra);
      return;
    }
    case MapType.RINGBUF: {
      ringbufInit(map);
      return;
    }
  }
}

function lpmInit(map: BpfMap): void {
  map.locks = map.slots + LINE;
  const trie = changetype<LpmTrie>(map.slots);
  trie.dataBytes = map.keySize - 4;
  trie.maxPrefixLen = trie.dataBytes * 8;
  const nodes = <u32>lpmNodes(map.maxEntries);
  for (let i: u32 = 0; i < nodes; i++) {
    const node = changetype<LpmNode>(map.slots + LINE * 2 + <usize>i * lpmNodeBytes(map.keySize));
    node.value = map.values + <usize>i * map.valueStride;
    // Plain: nobody knows the map yet.
    node.child0 = changetype<usize>(trie.freeList);
    trie.freeList = node;
  }
}

function queueStackInit(map: BpfMap): void {
  map.locks = map.slots + LINE;
  const queue = changetype<QueueStack>(map.slots);
  queue.size = map.maxEntries + 1;
  queue.elements = map.slots + LINE * 2;
}

function bloomInit(map: BpfMap, extra: u32): void {
  const bloom = changetype<BloomFilter>(map.slots);
  bloom.nrHashFuncs = bloomHashFuncs(extra);
  bloom.mask = <u32>(bloomBits(map.maxEntries, bloom.nrHashFuncs) - 1);
  bloom.bits = map.slots + LINE;
}

function ringbufInit(map: BpfMap): void {
  map.locks = map.slots + LINE * 3;
  const ring = changetype<Ringbuf>(map.slots);
  ring.size = map.maxEntries;
  ring.headers = map.slots + LINE * 4;
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
