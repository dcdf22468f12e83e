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
  type Result,
} from './kernelMap.js';
import { mapTypeRules } from './mapTypeRules.js';
import type { MapHost } from './objects.js';

const NUMA_NO_NODE = 0xffffffff;
const NAME_BYTES = 16;

const { EINVAL, ENOMEM } = ERRNO;

/** `map_create`'s checks, in its order: 0 or a negative errno. `hasBtf`: what `btfFd` is. */
function checkAttributes(attributes: MapAttributes, btfFile: 'absent' | 'other'): number {
  const { mapFlags, numaNode = 0, mapExtra = 0n, mapIfindex = 0, name = '' } = attributes;
  const { btfKeyTypeId = 0, btfValueTypeId = 0 } = attributes;
  if (btfKeyTypeId !== 0 && btfValueTypeId === 0) return -EINVAL;
  if (mapExtra !== 0n && attributes.type !== MapType.BLOOM_FILTER) return -EINVAL;
  if ((mapFlags & BPF_F_ACCESS) === BPF_F_ACCESS) return -EINVAL;
  if ((mapFlags & BPF_F_NUMA_NODE) !== 0 && numaNode !== NUMA_NO_NODE && numaNode !== 0)
    return -EINVAL;
  const type = mapTypeRules.get(attributes.type);
  if (type === undefined) return -EINVAL;
  const refused = type.check(attributes);
  if (refused !== 0) return refused;
  if (mapIfindex !== 0) return -EINVAL;
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
  files: FileTable,
): Result<KernelMap> {
  const btfFile = files.get(attributes.btfFd ?? 0) === undefined ? 'absent' : 'other';
  const refused = checkAttributes(attributes, btfFile);
  if (refused !== 0) return refused;
  const innerMeta = isMapOfMaps(attributes.type)
    ? innerMapMeta(attributes.innerMapFd ?? 0, files)
    : attributes;
  if (typeof innerMeta === 'number') return innerMeta;
  try {
    return new (mapTypeRules.get(attributes.type)!.create)(host, id, attributes, innerMeta);
  } catch (error) {
    if (error instanceof ArenaFullError) return -ENOMEM;
    throw error;
  }
}
