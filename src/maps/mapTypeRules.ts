import { MapType } from '../arena/layout.generated.js';
import { ArrayMap } from './arrayMap.js';
import { ArrayOfMaps } from './arrayOfMaps.js';
import { BloomFilter } from './bloomFilter.js';
import { CpuMap } from './cpuMap.js';
import { DevMap } from './devMap.js';
import { DevMapHash } from './devMapHash.js';
import { ERRNO } from './errno.js';
import { HashMap } from './hashMap.js';
import { HashOfMaps } from './hashOfMaps.js';
import {
  BPF_F_ACCESS,
  BPF_F_ACCESS_PROG,
  BPF_F_INNER_MAP,
  BPF_F_MMAPABLE,
  BPF_F_NO_COMMON_LRU,
  BPF_F_NO_PREALLOC,
  BPF_F_NUMA_NODE,
  BPF_F_PRESERVE_ELEMS,
  BPF_F_ZERO_SEED,
  type KernelMap,
  type MapAttributes,
  NUMA_NO_NODE,
} from './kernelMap.js';
import { LpmTrie } from './lpmTrie.js';
import type { MapHost } from './objects.js';
import { PerfEventArray } from './perfEventArray.js';
import { ProgArray } from './progArray.js';
import { QueueStack } from './queueStack.js';
import { RingbufMap } from './ringbuf.js';
import { round8 } from './scratchBuffer.js';
import { XskMap } from './xskMap.js';

/** A pointer for each entry of an array map; what the kernel cannot allocate in one go. */
const POINTER_ARRAY_MAX_ENTRIES = 2 ** 31;
const KMALLOC_MAX_BYTES = 4 * 1024 * 1024;
/** KMALLOC_MAX_SIZE less the element's own bytes (`htab_map_alloc_check`). */
const HASH_ELEMENT_MAX_BYTES = KMALLOC_MAX_BYTES - 64;
/** The largest power of two of buckets below U32_MAX / sizeof(struct bucket). */
const HASH_MAX_ENTRIES = 2 ** 27;
/** PCPU_MIN_UNIT_SIZE. */
const PERCPU_VALUE_MAX_BYTES = 32768;
/** LPM_KEY_SIZE_MIN, LPM_KEY_SIZE_MAX, LPM_VAL_SIZE_MAX. */
const LPM_KEY_MIN_BYTES = 5;
const LPM_KEY_MAX_BYTES = 260;
const LPM_VALUE_MAX_BYTES = KMALLOC_MAX_BYTES - 256 - 40;
const PAGE_BYTES = 4096;
/** Low bits of a bloom filter's `map_extra`: how many hash functions. */
const BLOOM_EXTRA = 0xfn;

/** A type's own checks, each 0 or a negative errno, and its class. */
export interface MapTypeRules {
  /** `map_alloc_check`: before privilege is asked for, and for a map on a device too. */
  readonly allocCheck?: (attributes: MapAttributes) => number;
  /** What `map_alloc` checks. */
  readonly alloc?: (attributes: MapAttributes, host: MapHost) => number;
  readonly create: new (
    host: MapHost,
    id: number,
    attributes: MapAttributes,
    innerMeta?: MapAttributes,
  ) => KernelMap;
}

const { EINVAL, E2BIG, ENOMEM, ENOTSUPP } = ERRNO;
/** BPF_F_ACCESS_MASK. */
const ACCESS = BPF_F_ACCESS | BPF_F_ACCESS_PROG;

/** Only `allowed` flags, and not both of BPF_F_RDONLY_PROG and BPF_F_WRONLY_PROG (`bpf_map_flags_access_ok`). */
function hasOnly(flags: number, allowed: number): boolean {
  return (flags & ~allowed) === 0 && (flags & BPF_F_ACCESS_PROG) !== BPF_F_ACCESS_PROG;
}

/** Placed on a node of its own choice. */
function isOnNode({ mapFlags, numaNode = 0 }: MapAttributes): boolean {
  return (mapFlags & BPF_F_NUMA_NODE) !== 0 && numaNode !== NUMA_NO_NODE;
}

/** Flags that one type of array knows beside those that all know. */
const arrayFlags = new Map<number, number>([
  [MapType.ARRAY, BPF_F_MMAPABLE | BPF_F_INNER_MAP],
  [MapType.PERF_EVENT_ARRAY, BPF_F_PRESERVE_ELEMS],
]);

/** `array_map_alloc_check`. */
function checkArray(attributes: MapAttributes): number {
  const { type, keySize, valueSize, maxEntries, mapFlags } = attributes;
  const isPerCpu = type === MapType.PERCPU_ARRAY;
  if (maxEntries === 0 || keySize !== 4 || valueSize === 0) return -EINVAL;
  if (!hasOnly(mapFlags, ACCESS | BPF_F_NUMA_NODE | (arrayFlags.get(type) ?? 0))) return -EINVAL;
  if (isPerCpu && isOnNode(attributes)) return -EINVAL;
  if (valueSize > 0x7fffffff) return -E2BIG;
  return isPerCpu && round8(valueSize) > PERCPU_VALUE_MAX_BYTES ? -E2BIG : 0;
}

/** `fd_array_map_alloc_check`: values are descriptors. */
function checkFdArray(attributes: MapAttributes): number {
  if (attributes.valueSize !== 4 || (attributes.mapFlags & BPF_F_ACCESS_PROG) !== 0) return -EINVAL;
  return checkArray(attributes);
}

/** `htab_map_alloc_check`. All hashes are preallocated here, which a program cannot tell. */
function checkHash(attributes: MapAttributes): number {
  const { type, keySize, valueSize, maxEntries, mapFlags } = attributes;
  const isLru = type === MapType.LRU_HASH || type === MapType.LRU_PERCPU_HASH;
  const isPerCpu = type === MapType.PERCPU_HASH || type === MapType.LRU_PERCPU_HASH;
  const hasPerCpuLists = (mapFlags & BPF_F_NO_COMMON_LRU) !== 0;
  const own = BPF_F_NO_PREALLOC | BPF_F_NO_COMMON_LRU | BPF_F_ZERO_SEED;
  if (!hasOnly(mapFlags, ACCESS | BPF_F_NUMA_NODE | own)) return -EINVAL;
  if (hasPerCpuLists && !isLru) return -EINVAL;
  if (isLru && (mapFlags & BPF_F_NO_PREALLOC) !== 0) return -ENOTSUPP;
  if (isOnNode(attributes) && (isPerCpu || hasPerCpuLists)) return -EINVAL;
  if (maxEntries === 0 || keySize === 0 || valueSize === 0) return -EINVAL;
  if (keySize + valueSize >= HASH_ELEMENT_MAX_BYTES) return -E2BIG;
  return isPerCpu && round8(valueSize) > PERCPU_VALUE_MAX_BYTES ? -E2BIG : 0;
}

/** `htab_map_alloc`: the buckets' bytes are counted in a u32. */
function allocHash({ maxEntries }: MapAttributes): number {
  return maxEntries > HASH_MAX_ENTRIES ? -E2BIG : 0;
}

/** `fd_htab_map_alloc_check`. */
function checkHashOfMaps(attributes: MapAttributes): number {
  return attributes.valueSize === 4 ? checkHash(attributes) : -EINVAL;
}

/** `trie_alloc`. */
function allocLpmTrie({ keySize, valueSize, maxEntries, mapFlags }: MapAttributes): number {
  if (maxEntries === 0 || (mapFlags & BPF_F_NO_PREALLOC) === 0) return -EINVAL;
  if (!hasOnly(mapFlags, ACCESS | BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE)) return -EINVAL;
  if (keySize < LPM_KEY_MIN_BYTES || keySize > LPM_KEY_MAX_BYTES) return -EINVAL;
  return valueSize < 1 || valueSize > LPM_VALUE_MAX_BYTES ? -EINVAL : 0;
}

/** `queue_stack_map_alloc_check`. */
function checkQueueStack({ keySize, valueSize, maxEntries, mapFlags }: MapAttributes): number {
  if (maxEntries === 0 || keySize !== 0 || valueSize === 0) return -EINVAL;
  if (!hasOnly(mapFlags, ACCESS | BPF_F_NUMA_NODE)) return -EINVAL;
  return valueSize > KMALLOC_MAX_BYTES ? -E2BIG : 0;
}

/** `bloom_map_alloc_check`. */
function checkBloomFilter({ valueSize }: MapAttributes): number {
  return valueSize > KMALLOC_MAX_BYTES ? -E2BIG : 0;
}

/** `bloom_map_alloc`. */
function allocBloomFilter(attributes: MapAttributes): number {
  const { keySize, valueSize, maxEntries, mapFlags, mapExtra = 0n } = attributes;
  if (maxEntries === 0 || keySize !== 0 || valueSize === 0) return -EINVAL;
  if (!hasOnly(mapFlags, ACCESS | BPF_F_NUMA_NODE | BPF_F_ZERO_SEED)) return -EINVAL;
  return (mapExtra & ~BLOOM_EXTRA) === 0n ? 0 : -EINVAL;
}

/** `ringbuf_map_alloc`. */
function allocRingbuf({ keySize, valueSize, maxEntries, mapFlags }: MapAttributes): number {
  if (!hasOnly(mapFlags, BPF_F_NUMA_NODE) || keySize !== 0 || valueSize !== 0) return -EINVAL;
  const isPowerOf2 = maxEntries !== 0 && Number.isInteger(Math.log2(maxEntries));
  return isPowerOf2 && maxEntries % PAGE_BYTES === 0 ? 0 : -EINVAL;
}

function checkRedirectMap(attributes: MapAttributes, valueSizes: number[], flags: number): number {
  const { keySize, valueSize, maxEntries, mapFlags } = attributes;
  if (maxEntries === 0 || keySize !== 4 || !valueSizes.includes(valueSize)) return -EINVAL;
  return hasOnly(mapFlags, flags) ? 0 : -EINVAL;
}

/** `cpu_map_alloc`. */
function allocCpuMap(attributes: MapAttributes, { configNrCpus }: MapHost): number {
  const refused = checkRedirectMap(attributes, [4, 8], BPF_F_NUMA_NODE);
  return refused === 0 && attributes.maxEntries > configNrCpus ? -E2BIG : refused;
}

/** `dev_map_alloc_check`. */
function checkDevMap(attributes: MapAttributes): number {
  return checkRedirectMap(attributes, [4, 8], BPF_F_NUMA_NODE | BPF_F_ACCESS);
}

function allocPointers({ maxEntries }: MapAttributes): number {
  return maxEntries > POINTER_ARRAY_MAX_ENTRIES ? -ENOMEM : 0;
}

/** `dev_map_init_map`: the number of buckets, a power of two, must fit. */
function allocBuckets({ maxEntries }: MapAttributes): number {
  return maxEntries > 2 ** 31 ? -EINVAL : 0;
}

/** `xsk_map_alloc`. */
function allocXskMap(attributes: MapAttributes): number {
  const refused = checkRedirectMap(attributes, [4], BPF_F_NUMA_NODE | BPF_F_ACCESS);
  return refused === 0 ? allocPointers(attributes) : refused;
}

export const mapTypeRules: ReadonlyMap<number, MapTypeRules> = new Map<number, MapTypeRules>([
  [MapType.HASH, { allocCheck: checkHash, alloc: allocHash, create: HashMap }],
  [MapType.ARRAY, { allocCheck: checkArray, create: ArrayMap }],
  [MapType.PROG_ARRAY, { allocCheck: checkFdArray, create: ProgArray }],
  [MapType.PERF_EVENT_ARRAY, { allocCheck: checkFdArray, create: PerfEventArray }],
  [MapType.PERCPU_HASH, { allocCheck: checkHash, alloc: allocHash, create: HashMap }],
  [MapType.PERCPU_ARRAY, { allocCheck: checkArray, create: ArrayMap }],
  [MapType.LRU_HASH, { allocCheck: checkHash, alloc: allocHash, create: HashMap }],
  [MapType.LRU_PERCPU_HASH, { allocCheck: checkHash, alloc: allocHash, create: HashMap }],
  [MapType.LPM_TRIE, { alloc: allocLpmTrie, create: LpmTrie }],
  [MapType.ARRAY_OF_MAPS, { allocCheck: checkFdArray, create: ArrayOfMaps }],
  [MapType.HASH_OF_MAPS, { allocCheck: checkHashOfMaps, alloc: allocHash, create: HashOfMaps }],
  [MapType.DEVMAP, { allocCheck: checkDevMap, alloc: allocPointers, create: DevMap }],
  [MapType.CPUMAP, { alloc: allocCpuMap, create: CpuMap }],
  [MapType.XSKMAP, { alloc: allocXskMap, create: XskMap }],
  [MapType.QUEUE, { allocCheck: checkQueueStack, create: QueueStack }],
  [MapType.STACK, { allocCheck: checkQueueStack, create: QueueStack }],
  [MapType.DEVMAP_HASH, { allocCheck: checkDevMap, alloc: allocBuckets, create: DevMapHash }],
  [MapType.RINGBUF, { alloc: allocRingbuf, create: RingbufMap }],
  [
    MapType.BLOOM_FILTER,
    { allocCheck: checkBloomFilter, alloc: allocBloomFilter, create: BloomFilter },
  ],
]);
