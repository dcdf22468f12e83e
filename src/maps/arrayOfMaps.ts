import { ERRNO } from './errno.js';
import { FdArray } from './fdArray.js';
import type { FileTable } from './files.js';
import { acceptInnerMap, releaseInnerMap } from './innerMap.js';
import { type KernelMap, keyToU32, type Result, u32ToBytes } from './kernelMap.js';

/** ARRAY_OF_MAPS (kernel/bpf/arraymap.c). */
export class ArrayOfMaps extends FdArray<KernelMap> {
  protected override resolve(fd: number, files: FileTable): Result<KernelMap> {
    return acceptInnerMap(this.innerMeta, fd, files);
  }

  protected override release(map: KernelMap): void {
    releaseInnerMap(map);
  }

  /** The inner map's id (`bpf_map_fd_sys_lookup_elem`). */
  override lookup(key: Uint8Array): Result<Uint8Array> {
    const map = this.targets.get(keyToU32(key));
    return map === undefined ? -ERRNO.ENOENT : u32ToBytes(map.id);
  }
}
