import { ArenaFullError } from '../arena/allocator.js';
import { MapType } from '../arena/layout.generated.js';
import { ERRNO } from './errno.js';
import type { FileTable } from './files.js';
import { innerMapMeta, isMapOfMaps } from './innerMap.js';
import {
  BPF_F_ACCESS,
  BPF_F_NUMA_NODE,
  type KernelMap,
  type MapAttributes,
  NUMA_NO_NODE,
  type Result,
} from './kernelMap.js';
import { mapTypeRules } from './mapTypeRules.js';
import type { MapHost } from './objects.js';

const NAME_BYTES = 16;

const { EINVAL, ENOMEM } = ERRNO;

/** Who asks for a map, and with what. */
export interface CreateCall {
  /** Its descriptors: that of an inner map is asked for. */
  readonly files: FileTable;
  /** The caller has CAP_BPF and CAP_NET_ADMIN. */
  readonly isPrivileged: boolean;
}

/** `map_create`'s checks, in its order: 0 or a negative errno. */
function checkAttributes(
  host: MapHost,
  attributes: MapAttributes,
  { files, isPrivileged }: CreateCall,
): number {
  const { mapFlags, numaNode = 0, mapExtra = 0n, mapIfindex = 0, name = '' } = attributes;
  const { btfKeyTypeId = 0, btfValueTypeId = 0 } = attributes;
  if (btfKeyTypeId !== 0 && btfValueTypeId === 0) return -EINVAL;
  if (mapExtra !== 0n && attributes.type !== MapType.BLOOM_FILTER) return -EINVAL;
  if ((mapFlags & BPF_F_ACCESS) === BPF_F_ACCESS) return -EINVAL;
  if ((mapFlags & BPF_F_NUMA_NODE) !== 0 && numaNode !== NUMA_NO_NODE && numaNode !== 0)
    return -EINVAL;
  const type = mapTypeRules.get(attributes.type);
  if (type === undefined) return -EINVAL;
  const refused = type.allocCheck?.(attributes) ?? 0;
  if (refused !== 0) return refused;
  if (!isPrivileged) return -ERRNO.EPERM;
  // None of the types here can be on a device (`bpf_map_offload_map_alloc`, in place of the type's own).
  if (mapIfindex !== 0) return -EINVAL;
  const notAllocated = type.alloc?.(attributes, host) ?? 0;
  if (notAllocated !== 0) return notAllocated;
  if (!isValidName(name)) return -EINVAL;
  const hasBtfFile = files.get(attributes.btfFd ?? 0) !== undefined;
  if (btfValueTypeId !== 0) return hasBtfFile ? -EINVAL : -ERRNO.EBADF;
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
  const innerMeta = isMapOfMaps(attributes.type)
    ? innerMapMeta(attributes.innerMapFd ?? 0, call.files)
    : attributes;
  if (typeof innerMeta === 'number') return innerMeta;
  try {
    return new (mapTypeRules.get(attributes.type)!.create)(host, id, attributes, innerMeta);
  } catch (error) {
    if (error instanceof ArenaFullError) return -ENOMEM;
    throw error;
  }
}
