import type { CreateAttributes } from '../mapTrace.js';
import { u64 } from '../u64.js';
import { Errno } from './errno.js';
import { fileOf, type Kernel } from './kernel.js';
import type { BpfMap } from './objects.js';

const BPF_F_NUMA_NODE = 1 << 2;
const BPF_F_RDONLY = 1 << 3;
const BPF_F_WRONLY = 1 << 4;

const NUMA_NO_NODE = 0xffffffff;
/** The recording machine has one node. */
const ONLINE_NODES = 1;
/** What an array of 8-byte slots must fit into on the recording machine. */
const MEMORY_BYTES = 24 * 2 ** 30;

function hasOther(flags: number, allowed: number): boolean {
  return (flags & ~allowed) !== 0;
}

/** `cpu_map_alloc` */
function checkCpuMap(kernel: Kernel, a: CreateAttributes): number {
  if (a.maxEntries === 0 || a.keySize !== 4) return Errno.EINVAL;
  if (a.valueSize !== 4 && a.valueSize !== 8) return Errno.EINVAL;
  if (hasOther(a.mapFlags, BPF_F_NUMA_NODE)) return Errno.EINVAL;
  if (a.mapIfindex) return Errno.EINVAL;
  return a.maxEntries > kernel.nrCpus ? Errno.E2BIG : 0;
}

/** `dev_map_alloc_check`, `xsk_map_alloc` */
function checkOther(a: CreateAttributes): number {
  const valueSizes = a.type === 'xskmap' ? [4] : [4, 8];
  if (a.maxEntries === 0 || a.keySize !== 4) return Errno.EINVAL;
  if (!valueSizes.includes(a.valueSize)) return Errno.EINVAL;
  if (hasOther(a.mapFlags, BPF_F_NUMA_NODE | BPF_F_RDONLY | BPF_F_WRONLY)) return Errno.EINVAL;
  if (a.type === 'devmap_hash' && a.maxEntries > 2 ** 31) return Errno.EINVAL;
  if (a.mapIfindex) return Errno.EINVAL;
  return a.maxEntries * 8 > MEMORY_BYTES ? Errno.ENOMEM : 0;
}

/** `bpf_obj_name_cpy` */
function isValidName(name: string): boolean {
  return name.length < 16 && /^[A-Za-z0-9_.]*$/.test(name);
}

/** The checks of `map_create` in their order; 0, or the error of the first that fails. */
export function checkCreate(kernel: Kernel, a: CreateAttributes): number {
  if (a.btfKeyTypeId && !a.btfValueTypeId) return Errno.EINVAL;
  if (u64(a.mapExtra ?? 0) !== 0n) return Errno.EINVAL;
  if (a.mapFlags & BPF_F_RDONLY && a.mapFlags & BPF_F_WRONLY) return Errno.EINVAL;
  const node = a.mapFlags & BPF_F_NUMA_NODE ? (a.numaNode ?? 0) : NUMA_NO_NODE;
  if (node !== NUMA_NO_NODE && node >= ONLINE_NODES) return Errno.EINVAL;

  const errno = a.type === 'cpumap' ? checkCpuMap(kernel, a) : checkOther(a);
  if (errno) return errno;

  if (!isValidName(a.name ?? '')) return Errno.EINVAL;
  if (a.btfKeyTypeId || a.btfValueTypeId) {
    // No document declares a BTF object, so an open descriptor is one of something else.
    return fileOf(kernel, a.btfFd ?? 0) ? Errno.EINVAL : Errno.EBADF;
  }
  return 0;
}

export function newMap(attributes: CreateAttributes): BpfMap {
  const common = { attributes, frozen: false, ownerFrags: undefined };
  switch (attributes.type) {
    case 'cpumap':
      return { type: 'cpumap', slots: new Map(), ...common };
    case 'devmap':
      return { type: 'devmap', slots: new Map(), ...common };
    case 'devmap_hash':
      return { type: 'devmap_hash', entries: [], ...common };
    case 'xskmap':
      return { type: 'xskmap', slots: new Map(), ...common };
  }
}

/** `bpf_get_file_flag`: the access mode of a descriptor from map or open flags; undefined if they ask for both. */
export function accessMode(
  flags: number,
): { readonly readable: boolean; readonly writable: boolean } | undefined {
  const readOnly = (flags & BPF_F_RDONLY) !== 0;
  const writeOnly = (flags & BPF_F_WRONLY) !== 0;
  return readOnly && writeOnly ? undefined : { readable: !writeOnly, writable: !readOnly };
}
