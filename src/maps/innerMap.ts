import { MapType } from '../arena/layout.generated.js';
import { ERRNO } from './errno.js';
import type { FileTable } from './files.js';
import { BPF_F_INNER_MAP, type KernelMap, type MapAttributes, type Result } from './kernelMap.js';

/** What the maps in a map of maps have in common with the one it was created with (kernel/bpf/map_in_map.c). */

const noInnerMaps: ReadonlySet<number> = new Set([MapType.PROG_ARRAY]);

/** `bpf_map_meta_alloc`: the attributes that inner maps must have, or a negative errno. */
export function innerMapMeta(fd: number, files: FileTable): Result<MapAttributes> {
  const file = files.map(fd);
  if (typeof file === 'number') return file;
  const { type, attributes } = file.map;
  if (isMapOfMaps(type)) return -ERRNO.EINVAL;
  return noInnerMaps.has(type) ? -ERRNO.ENOTSUPP : attributes;
}

export function isMapOfMaps(type: number): boolean {
  return type === MapType.ARRAY_OF_MAPS || type === MapType.HASH_OF_MAPS;
}

/** `bpf_map_fd_get_ptr`: the map behind the descriptor if it is like `meta`, or a negative errno. */
export function acceptInnerMap(
  meta: MapAttributes,
  fd: number,
  files: FileTable,
): Result<KernelMap> {
  const file = files.map(fd);
  if (typeof file === 'number') return file;
  if (!isMetaEqual(meta, file.map.attributes)) return -ERRNO.EINVAL;
  file.map.references++;
  return file.map;
}

/** `bpf_map_meta_equal`, and `array_map_meta_equal`: arrays have one size unless they say otherwise. */
function isMetaEqual(meta: MapAttributes, other: MapAttributes): boolean {
  const isAlike =
    meta.type === other.type &&
    meta.keySize === other.keySize &&
    meta.valueSize === other.valueSize &&
    meta.mapFlags === other.mapFlags;
  if (!isAlike || meta.type !== MapType.ARRAY) return isAlike;
  return (meta.mapFlags & BPF_F_INNER_MAP) !== 0 || meta.maxEntries === other.maxEntries;
}

/** An outer map no longer holds `map`. */
export function releaseInnerMap(map: KernelMap): void {
  if (--map.references === 0) map.destroy();
}
