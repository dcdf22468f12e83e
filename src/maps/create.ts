import { ArenaFullError } from '../arena/allocator.js';
import { MapType } from '../arena/layout.generated.js';
import { ArrayMap } from './arrayMap.js';
import { CpuMap } from './cpuMap.js';
import { DevMap } from './devMap.js';
import { DevMapHash } from './devMapHash.js';
import { ERRNO } from './errno.js';
import { HashMap } from './hashMap.js';
import {
  BPF_F_ACCESS,
  BPF_F_ACCESS_PROG,
  BPF_F_INNER_MAP,
  BPF_F_MMAPABLE,
  BPF_F_NO_PREALLOC,
  BPF_F_NUMA_NODE,
  BPF_F_ZERO_SEED,
  type KernelMap,
  type MapAttributes,
  type Result,
} from './kernelMap.js';
import type { MapHost } from './objects.js';
import { round8 } from './scratchBuffer.js';
import { XskMap } from './xskMap.js';

const NUMA_NO_NODE = 0xffffffff;
/** A pointer for each entry of an array map; what the kernel cannot allocate in one go. */
const POINTER_ARRAY_MAX_ENTRIES = 2 ** 31;
const NAME_BYTES = 16;
/** KMALLOC_MAX_SIZE less the element's own bytes (`htab_map_alloc_check`). */
const HASH_ELEMENT_MAX_BYTES = 4 * 1024 * 1024 - 64;
/** The largest power of two of buckets below U32_MAX / sizeof(struct bucket). */
const HASH_MAX_ENTRIES = 2 ** 27;
/** PCPU_MIN_UNIT_SIZE. */
const PERCPU_VALUE_MAX_BYTES = 32768;

/** A type's own checks, each 0 or a negative errno, and its class. */
interface MapTypeRules {
  /** `map_alloc_check`: before privilege is asked for, and for a map on a device too. */
  readonly allocCheck?: (attributes: MapAttributes) => number;
  /** What `map_alloc` checks. */
  readonly alloc?: (attributes: MapAttributes, host: MapHost) => number;
  readonly create: new (host: MapHost, id: number, attributes: MapAttributes) => KernelMap;
}

const { EINVAL, E2BIG, ENOMEM } = ERRNO;

function hasOnly(flags: number, allowed: number): boolean {
  return (flags & ~allowed) === 0;
}

/** What `array_map_alloc_check` and `htab_map_alloc_check` ask of the flags. */
function hasValueMapFlags({ type, mapFlags, numaNode = 0 }: MapAttributes, own: number): boolean {
  const isPerCpu = type === MapType.PERCPU_ARRAY || type === MapType.PERCPU_HASH;
  const isOnNode = (mapFlags & BPF_F_NUMA_NODE) !== 0 && numaNode !== NUMA_NO_NODE;
  return (
    hasOnly(mapFlags, own | BPF_F_ACCESS | BPF_F_ACCESS_PROG | BPF_F_NUMA_NODE) &&
    (mapFlags & BPF_F_ACCESS_PROG) !== BPF_F_ACCESS_PROG &&
    !(isPerCpu && isOnNode)
  );
}

/** `array_map_alloc_check`. */
function checkArray(attributes: MapAttributes): number {
  const { type, keySize, valueSize, maxEntries } = attributes;
  const isPerCpu = type === MapType.PERCPU_ARRAY;
  if (maxEntries === 0 || keySize !== 4 || valueSize === 0) return -EINVAL;
  if (!hasValueMapFlags(attributes, isPerCpu ? 0 : BPF_F_MMAPABLE | BPF_F_INNER_MAP))
    return -EINVAL;
  if (valueSize > 0x7fffffff) return -E2BIG;
  return isPerCpu && round8(valueSize) > PERCPU_VALUE_MAX_BYTES ? -E2BIG : 0;
}

/** `htab_map_alloc_check`. All hashes are preallocated here, which a program cannot tell. */
function checkHash(attributes: MapAttributes): number {
  const { type, keySize, valueSize, maxEntries } = attributes;
  if (!hasValueMapFlags(attributes, BPF_F_NO_PREALLOC | BPF_F_ZERO_SEED)) return -EINVAL;
  if (maxEntries === 0 || keySize === 0 || valueSize === 0) return -EINVAL;
  if (keySize + valueSize >= HASH_ELEMENT_MAX_BYTES) return -E2BIG;
  return type === MapType.PERCPU_HASH && round8(valueSize) > PERCPU_VALUE_MAX_BYTES ? -E2BIG : 0;
}

/** `htab_map_alloc`: the buckets' bytes are counted in a u32. */
function allocHash({ maxEntries }: MapAttributes): number {
  return maxEntries > HASH_MAX_ENTRIES ? -E2BIG : 0;
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

const rules = new Map<number, MapTypeRules>([
  [MapType.ARRAY, { allocCheck: checkArray, create: ArrayMap }],
  [MapType.PERCPU_ARRAY, { allocCheck: checkArray, create: ArrayMap }],
  [MapType.HASH, { allocCheck: checkHash, alloc: allocHash, create: HashMap }],
  [MapType.PERCPU_HASH, { allocCheck: checkHash, alloc: allocHash, create: HashMap }],
  [MapType.CPUMAP, { alloc: allocCpuMap, create: CpuMap }],
  [MapType.DEVMAP, { allocCheck: checkDevMap, alloc: allocPointers, create: DevMap }],
  [MapType.DEVMAP_HASH, { allocCheck: checkDevMap, alloc: allocBuckets, create: DevMapHash }],
  [MapType.XSKMAP, { alloc: allocXskMap, create: XskMap }],
]);

/** Who asks for a map, and with what. */
export interface CreateCall {
  /** What `btfFd` is. */
  readonly btfFile: 'absent' | 'other';
  /** The caller has CAP_BPF and CAP_NET_ADMIN. */
  readonly isPrivileged: boolean;
}

/** `map_create`'s checks, in its order: 0 or a negative errno. */
function checkAttributes(
  host: MapHost,
  attributes: MapAttributes,
  { btfFile, isPrivileged }: CreateCall,
): number {
  const { mapFlags, numaNode = 0, mapExtra = 0n, mapIfindex = 0, name = '' } = attributes;
  const { btfKeyTypeId = 0, btfValueTypeId = 0 } = attributes;
  if (btfKeyTypeId !== 0 && btfValueTypeId === 0) return -EINVAL;
  if (mapExtra !== 0n) return -EINVAL;
  if ((mapFlags & BPF_F_ACCESS) === BPF_F_ACCESS) return -EINVAL;
  if ((mapFlags & BPF_F_NUMA_NODE) !== 0 && numaNode !== NUMA_NO_NODE && numaNode !== 0)
    return -EINVAL;
  const type = rules.get(attributes.type);
  if (type === undefined) return -EINVAL;
  const refused = type.allocCheck?.(attributes) ?? 0;
  if (refused !== 0) return refused;
  if (!isPrivileged) return -ERRNO.EPERM;
  // None of the types here can be on a device (`bpf_map_offload_map_alloc`, in place of the type's own).
  if (mapIfindex !== 0) return -EINVAL;
  const notAllocated = type.alloc?.(attributes, host) ?? 0;
  if (notAllocated !== 0) return notAllocated;
  if (!isValidName(name)) return -EINVAL;
  if (btfValueTypeId !== 0) return btfFile === 'absent' ? -ERRNO.EBADF : -EINVAL;
  return 0;
}

/** `bpf_obj_name_cpy`. */
function isValidName(name: string): boolean {
  return name.length < NAME_BYTES && /^[A-Za-z0-9_.]*$/.test(name);
}

/** BPF_MAP_CREATE: the map, or a negative errno. */
export function createMap(
  host: MapHost,
  id: number,
  attributes: MapAttributes,
  call: CreateCall,
): Result<KernelMap> {
  const refused = checkAttributes(host, attributes, call);
  if (refused !== 0) return refused;
  try {
    return new (rules.get(attributes.type)!.create)(host, id, attributes);
  } catch (error) {
    if (error instanceof ArenaFullError) return -ENOMEM;
    throw error;
  }
}
