import { MapType } from '../arena/layout.generated.js';
import { type BatchCommand, type BatchRequest, type BatchResult, doBatch } from './batch.js';
import { createMap } from './create.js';
import { ERRNO } from './errno.js';
import type { FileTable, OpenFile } from './files.js';
import { BPF_F_LOCK, type KernelMap, type MapAttributes, type Result } from './kernelMap.js';
import { BPF_F_ACCESS, BPF_F_RDONLY, BPF_F_WRONLY } from './mapFlags.js';
import type { MapHost, Program } from './objects.js';

const NO_BYTES = new Uint8Array(0);

/** What BPF_OBJ_GET_INFO_BY_FD tells of a map. */
export interface MapInfo {
  readonly id: number;
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly mapFlags: number;
  readonly name: string;
}

/** Who makes the system calls, and of which kernel. */
export interface CallerOptions {
  /** A kernel before 6.18: some checks come in another order. */
  readonly isOld: boolean;
  /** The caller has CAP_BPF and CAP_NET_ADMIN. */
  readonly isPrivileged: boolean;
}

/** A null pointer in place of a key or value. */
export type Pointer<T> = T | null;

/**
 * The `bpf(2)` commands on maps, with the kernel's checks in the kernel's order (kernel/bpf/syscall.c). They return 0, a
 * descriptor or a value, or a negative errno.
 */
export class BpfSyscalls {
  readonly #host: MapHost;
  readonly #files: FileTable;
  readonly #maps = new Set<KernelMap>();
  readonly #isOld: boolean;
  readonly #isPrivileged: boolean;
  #nextId = 1;

  constructor(host: MapHost, files: FileTable, { isOld, isPrivileged }: CallerOptions) {
    this.#host = host;
    this.#files = files;
    this.#isOld = isOld;
    this.#isPrivileged = isPrivileged;
  }

  /** Maps that exist now. */
  *maps(): Generator<KernelMap> {
    for (const map of this.#maps) {
      if (map.references > 0) yield map;
      else this.#maps.delete(map);
    }
  }

  /** BPF_MAP_CREATE: a descriptor. */
  mapCreate(attributes: MapAttributes): number {
    const isPrivileged = this.#isPrivileged;
    // Before 6.18 nothing at all is looked at for a caller without privilege.
    if (this.#isOld && !isPrivileged) return -ERRNO.EPERM;
    const files = this.#files;
    const map = createMap(this.#host, this.#nextId, attributes, { files, isPrivileged });
    if (typeof map === 'number') return map;
    this.#nextId++;
    this.#maps.add(map);
    return this.#files.openMap(map, attributes.mapFlags & BPF_F_ACCESS);
  }

  /** BPF_MAP_UPDATE_ELEM. */
  mapUpdateElem(
    fd: number,
    key: Pointer<Uint8Array>,
    value: Pointer<Uint8Array>,
    flags: bigint,
  ): number {
    const file = this.#files.map(fd);
    if (typeof file === 'number') return file;
    if (!isWritable(file)) return -ERRNO.EPERM;
    if ((flags & BPF_F_LOCK) !== 0n && !file.map.hasSpinLock) return -ERRNO.EINVAL;
    const copied = copyKey(file.map, key);
    if (typeof copied === 'number') return copied;
    if (value === null) return -ERRNO.EFAULT;
    return file.map.update(copied, value, flags, this.#files);
  }

  /**
   * BPF_MAP_LOOKUP_ELEM. `hasBuffer` false: a null pointer for the value. `contents`: what the buffer holds, which only a
   * bloom filter reads.
   */
  mapLookupElem(
    fd: number,
    key: Pointer<Uint8Array>,
    flags: bigint,
    hasBuffer = true,
    contents: Uint8Array = NO_BYTES,
  ): Result<Uint8Array> {
    const file = this.#lookupFile(fd, flags, (open) => open.canRead);
    if (typeof file === 'number') return file;
    const copied = copyKey(file.map, key);
    if (typeof copied === 'number') return copied;
    if (!hasBuffer && file.map.type === MapType.BLOOM_FILTER) return -ERRNO.EFAULT;
    const value = file.map.lookup(copied, contents, flags);
    return typeof value === 'number' || hasBuffer ? value : -ERRNO.EFAULT;
  }

  /** BPF_MAP_LOOKUP_AND_DELETE_ELEM. */
  mapLookupAndDeleteElem(fd: number, key: Pointer<Uint8Array>, flags: bigint): Result<Uint8Array> {
    const file = this.#lookupFile(fd, flags, (open) => open.canRead && isWritable(open));
    if (typeof file === 'number') return file;
    const copied = copyKey(file.map, key);
    return typeof copied === 'number' ? copied : file.map.lookupAndDelete(copied);
  }

  /** The checks that both lookups begin with: flags, even before the descriptor. */
  #lookupFile(fd: number, flags: bigint, mayUse: (file: MapFile) => boolean): Result<MapFile> {
    if ((flags & ~BPF_F_LOCK) !== 0n) return -ERRNO.EINVAL;
    const file = this.#files.map(fd);
    if (typeof file === 'number') return file;
    if (!mayUse(file)) return -ERRNO.EPERM;
    return flags === 0n || file.map.hasSpinLock ? file : -ERRNO.EINVAL;
  }

  /** BPF_MAP_DELETE_ELEM. */
  mapDeleteElem(fd: number, key: Pointer<Uint8Array>): number {
    const file = this.#files.map(fd);
    if (typeof file === 'number') return file;
    if (!isWritable(file)) return -ERRNO.EPERM;
    const copied = copyKey(file.map, key);
    return typeof copied === 'number' ? copied : file.map.delete(copied);
  }

  /** BPF_MAP_GET_NEXT_KEY; a null key asks for the first. */
  mapGetNextKey(fd: number, key: Pointer<Uint8Array>): Result<Uint8Array> {
    const file = this.#files.map(fd);
    if (typeof file === 'number') return file;
    if (!file.canRead) return -ERRNO.EPERM;
    const copied = key === null ? null : copyKey(file.map, key);
    return typeof copied === 'number' ? copied : file.map.nextKey(copied);
  }

  /** BPF_MAP_LOOKUP_BATCH, BPF_MAP_LOOKUP_AND_DELETE_BATCH, BPF_MAP_UPDATE_BATCH and BPF_MAP_DELETE_BATCH. */
  mapBatch(fd: number, command: BatchCommand, request: BatchRequest): BatchResult {
    const file = this.#files.map(fd);
    const refused = (err: number) => ({ err, count: request.count, entries: [] });
    if (typeof file === 'number') return refused(file);
    const reads = command.startsWith('lookup');
    if (reads && !file.canRead) return refused(-ERRNO.EPERM);
    if (command !== 'lookup' && !isWritable(file)) return refused(-ERRNO.EPERM);
    return doBatch(file.map, command, request, this.#files, this.#isOld);
  }

  /** BPF_MAP_FREEZE. Before 6.18 a matter of privilege, since then of the descriptor. */
  mapFreeze(fd: number): number {
    const file = this.#files.map(fd);
    if (typeof file === 'number') return file;
    if (this.#isOld) {
      if (file.map.frozen) return -ERRNO.EBUSY;
      if (!this.#isPrivileged) return -ERRNO.EPERM;
    } else if (!isWritable(file)) {
      return -ERRNO.EPERM;
    }
    file.map.frozen = true;
    return 0;
  }

  /** BPF_OBJ_GET_INFO_BY_FD, for maps. */
  mapInfo(fd: number): Result<MapInfo> {
    const file = this.#files.map(fd);
    if (file === -ERRNO.EBADF) return -ERRNO.EBADFD;
    if (typeof file === 'number') return file;
    const { id, attributes, infoFlags: mapFlags } = file.map;
    const { type, keySize, valueSize, maxEntries, name = '' } = attributes;
    return { id, type, keySize, valueSize, maxEntries, mapFlags, name };
  }

  /** BPF_MAP_GET_FD_BY_ID with `open_flags`: another descriptor. */
  mapGetFdById(id: number, flags: number): number {
    if (![0, BPF_F_RDONLY, BPF_F_WRONLY].includes(flags)) return -ERRNO.EINVAL;
    for (const map of this.maps()) if (map.id === id) return this.#files.openMap(map, flags);
    return -ERRNO.ENOENT;
  }

  /** `bpf_check_prog_map_compatibility` for a program that is loaded with `maps` among its maps: 0 or -EINVAL. */
  checkProgramMaps(program: Program, maps: readonly KernelMap[]): number {
    for (const map of maps) {
      if (map.containsPrograms && !map.isCompatible(program)) return -ERRNO.EINVAL;
    }
    return 0;
  }
}

/** `__bpf_copy_key`: a map without keys takes none. */
function copyKey({ attributes }: KernelMap, key: Pointer<Uint8Array>): Result<Uint8Array> {
  if (attributes.keySize === 0) return key === null || key.length === 0 ? NO_BYTES : -ERRNO.EINVAL;
  return key ?? -ERRNO.EFAULT;
}

type MapFile = OpenFile & { kind: 'map' };

function isWritable({ map, canWrite }: MapFile): boolean {
  return canWrite && !map.frozen;
}
