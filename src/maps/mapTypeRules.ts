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
  BPF_F_INNER_MAP,
  BPF_F_MMAPABLE,
  BPF_F_NO_COMMON_LRU,
  BPF_F_NO_PREALLOC,
  BPF_F_NUMA_NODE,
  BPF_F_PRESERVE_ELEMS,
  BPF_F_RDONLY_PROG,
  BPF_F_WRONLY_PROG,
  BPF_F_ZERO_SEED,
  type KernelMap,
  type MapAttributes,
} from './kernelMap.js';
import { LpmTrie } from './lpmTrie.js';
import type { MapHost } from './objects.js';
import { PerfEventArray } from './perfEventArray.js';
import { ProgArray } from './progArray.js';
import { QueueStack } from './queueStack.js';
import { RingbufMap } from './ringbuf.js';
import { round8 } from './scratchBuffer.js';
import { XskMap } from './xskMap.js';

/** The machine that the recordings were made on, and most distributions': compiled for this many CPUs. */
const NR_CPUS = 256;
/** A pointer for each entry of an array map; what the kernel cannot allocate in one go. */
const POINTER_ARRAY_MAX_ENTRIES = 2 ** 31;
const KMALLOC_MAX_BYTES = 4 * 1024 * 1024;
/** KMALLOC_MAX_SIZE less the element's own bytes (`htab_map_alloc_check`). */
const HASH_ELEMENT_MAX_BYTES = KMALLOC_MAX_BYTES - 64;
/** PCPU_MIN_UNIT_SIZE. */
const PERCPU_VALUE_MAX_BYTES = 32768;
/** LPM_KEY_SIZE_MIN, LPM_KEY_SIZE_MAX, LPM_VAL_SIZE_MAX. */
const LPM_KEY_MIN_BYTES = 5;
const LPM_KEY_MAX_BYTES = 260;
const LPM_VALUE_MAX_BYTES = KMALLOC_MAX_BYTES - 256 - 40;
const PAGE_BYTES = 4096;
/** Low bits of a bloom filter's `map_extra`: how many hash functions. */
const BLOOM_EXTRA = 0xfn;

/** A type's own checks (`map_alloc_check` and `map_alloc`), then its class. */
export interface MapTypeRules {
  readonly check: (attributes: MapAttributes) => number;
  readonly create: new (
    host: MapHost,
    id: number,
    attributes: MapAttributes,
    innerMeta?: MapAttributes,
  ) => KernelMap;
}

const { EINVAL, E2BIG, ENOMEM, ENOTSUPP } = ERRNO;
/** BPF_F_ACCESS_MASK. */
const ACCESS = BPF_F_ACCESS | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;
const PROG_ACCESS = BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;

/** Only `allowed` flags, and not both of BPF_F_RDONLY_PROG and BPF_F_WRONLY_PROG (`bpf_map_flags_access_ok`). */
function hasOnly(flags: number, allowed: number): boolean {
  return (flags & ~allowed) === 0 && (flags & PROG_ACCESS) !== PROG_ACCESS;
}

function checkArray({ type, keySize, valueSize, maxEntries, mapFlags }: MapAttributes): number {
  const isPerCpu = type === MapType.PERCPU_ARRAY;
  const allowed =
    ACCESS |
    (isPerCpu ? 0 : BPF_F_NUMA_NODE) |
    (type === MapType.ARRAY ? BPF_F_MMAPABLE | BPF_F_INNER_MAP : 0) |
    (type === MapType.PERF_EVENT_ARRAY ? BPF_F_PRESERVE_ELEMS : 0);
  if (maxEntries === 0 || keySize !== 4 || valueSize === 0 || !hasOnly(mapFlags, allowed))
    return -EINVAL;
  if (valueSize > 0x7fffffff) return -E2BIG;
  return isPerCpu && round8(valueSize) > PERCPU_VALUE_MAX_BYTES ? -E2BIG : 0;
}

/** `fd_array_map_alloc_check`: values are descriptors. */
function checkFdArray(attributes: MapAttributes): number {
  if (attributes.valueSize !== 4 || (attributes.mapFlags & PROG_ACCESS) !== 0) return -EINVAL;
  return checkArray(attributes);
}

function checkHash({ type, keySize, valueSize, maxEntries, mapFlags }: MapAttributes): number {
  const isLru = type === MapType.LRU_HASH || type === MapType.LRU_PERCPU_HASH;
  const isPerCpu = type === MapType.PERCPU_HASH || type === MapType.LRU_PERCPU_HASH;
  const allowed =
    ACCESS | BPF_F_NO_PREALLOC | BPF_F_NO_COMMON_LRU | BPF_F_NUMA_NODE | BPF_F_ZERO_SEED;
  if (!hasOnly(mapFlags, allowed)) return -EINVAL;
  const hasPerCpuLists = (mapFlags & BPF_F_NO_COMMON_LRU) !== 0;
  if (hasPerCpuLists && !isLru) return -EINVAL;
  if (isLru && (mapFlags & BPF_F_NO_PREALLOC) !== 0) return -ENOTSUPP;
  if ((mapFlags & BPF_F_NUMA_NODE) !== 0 && (isPerCpu || hasPerCpuLists)) return -EINVAL;
  if (maxEntries === 0 || keySize === 0 || valueSize === 0) return -EINVAL;
  if (keySize + valueSize >= HASH_ELEMENT_MAX_BYTES) return -E2BIG;
  return isPerCpu && round8(valueSize) > PERCPU_VALUE_MAX_BYTES ? -E2BIG : 0;
}

/** `fd_htab_map_alloc_check`. */
function checkHashOfMaps(attributes: MapAttributes): number {
  return attributes.valueSize === 4 ? checkHash(attributes) : -EINVAL;
}

/** `trie_alloc`. */
function checkLpmTrie({ keySize, valueSize, maxEntries, mapFlags }: MapAttributes): number {
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

/** `bloom_map_alloc_check` and `bloom_map_alloc`. */
function checkBloomFilter(attributes: MapAttributes): number {
  const { keySize, valueSize, maxEntries, mapFlags, mapExtra = 0n } = attributes;
  if (valueSize > KMALLOC_MAX_BYTES) return -E2BIG;
  if (maxEntries === 0 || keySize !== 0 || valueSize === 0) return -EINVAL;
  if (!hasOnly(mapFlags, ACCESS | BPF_F_NUMA_NODE | BPF_F_ZERO_SEED)) return -EINVAL;
  return (mapExtra & ~BLOOM_EXTRA) === 0n ? 0 : -EINVAL;
}

/** `ringbuf_map_alloc`. */
function checkRingbuf({ keySize, valueSize, maxEntries, mapFlags }: MapAttributes): number {
  if (!hasOnly(mapFlags, BPF_F_NUMA_NODE) || keySize !== 0 || valueSize !== 0) return -EINVAL;
  const isPowerOf2 = maxEntries !== 0 && Number.isInteger(Math.log2(maxEntries));
  return isPowerOf2 && maxEntries % PAGE_BYTES === 0 ? 0 : -EINVAL;
}

function checkCpuMap({
  keySize,
  valueSize,
  maxEntries,
  mapFlags,
  mapIfindex = 0,
}: MapAttributes): number {
  if (maxEntries === 0 || keySize !== 4 || (valueSize !== 4 && valueSize !== 8)) return -EINVAL;
  if (!hasOnly(mapFlags, BPF_F_NUMA_NODE) || mapIfindex !== 0) return -EINVAL;
  return maxEntries > NR_CPUS ? -E2BIG : 0;
}

function checkDevMap({ keySize, valueSize, maxEntries, mapFlags }: MapAttributes): number {
  if (maxEntries === 0 || keySize !== 4 || (valueSize !== 4 && valueSize !== 8)) return -EINVAL;
  if (!hasOnly(mapFlags, BPF_F_NUMA_NODE | BPF_F_ACCESS)) return -EINVAL;
  return maxEntries > POINTER_ARRAY_MAX_ENTRIES ? -ENOMEM : 0;
}

function checkDevMapHash(attributes: MapAttributes): number {
  const common = checkDevMap({ ...attributes, maxEntries: Math.min(attributes.maxEntries, 1) });
  return common !== 0 || attributes.maxEntries <= 2 ** 31 ? common : -EINVAL;
}

function checkXskMap({ keySize, valueSize, maxEntries, mapFlags }: MapAttributes): number {
  if (maxEntries === 0 || keySize !== 4 || valueSize !== 4) return -EINVAL;
  if (!hasOnly(mapFlags, BPF_F_NUMA_NODE | BPF_F_ACCESS)) return -EINVAL;
  return maxEntries > POINTER_ARRAY_MAX_ENTRIES ? -ENOMEM : 0;
}

export const mapTypeRules: ReadonlyMap<number, MapTypeRules> = new Map<number, MapTypeRules>([
  [MapType.HASH, { check: checkHash, create: HashMap }],
  [MapType.ARRAY, { check: checkArray, create: ArrayMap }],
  [MapType.PROG_ARRAY, { check: checkFdArray, create: ProgArray }],
  [MapType.PERF_EVENT_ARRAY, { check: checkFdArray, create: PerfEventArray }],
  [MapType.PERCPU_HASH, { check: checkHash, create: HashMap }],
  [MapType.PERCPU_ARRAY, { check: checkArray, create: ArrayMap }],
  [MapType.LRU_HASH, { check: checkHash, create: HashMap }],
  [MapType.LRU_PERCPU_HASH, { check: checkHash, create: HashMap }],
  [MapType.LPM_TRIE, { check: checkLpmTrie, create: LpmTrie }],
  [MapType.ARRAY_OF_MAPS, { check: checkFdArray, create: ArrayOfMaps }],
  [MapType.HASH_OF_MAPS, { check: checkHashOfMaps, create: HashOfMaps }],
  [MapType.DEVMAP, { check: checkDevMap, create: DevMap }],
  [MapType.CPUMAP, { check: checkCpuMap, create: CpuMap }],
  [MapType.XSKMAP, { check: checkXskMap, create: XskMap }],
  [MapType.QUEUE, { check: checkQueueStack, create: QueueStack }],
  [MapType.STACK, { check: checkQueueStack, create: QueueStack }],
  [MapType.DEVMAP_HASH, { check: checkDevMapHash, create: DevMapHash }],
  [MapType.RINGBUF, { check: checkRingbuf, create: RingbufMap }],
  [MapType.BLOOM_FILTER, { check: checkBloomFilter, create: BloomFilter }],
]);
