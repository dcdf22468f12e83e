import type {
  BatchOp,
  CreateOp,
  DeleteOp,
  FreezeOp,
  InfoOp,
  LookupAndDeleteOp,
  LookupOp,
  MapResult,
  NextKeyOp,
  OpenOp,
  UpdateOp,
  ValueInput,
} from '../mapTrace.js';
import { u64 } from '../u64.js';
import { deleteFromArray, nextArrayKey } from './arrayMap.js';
import { updateCpuMap } from './cpumap.js';
import { accessMode, checkCreate, newMap } from './create.js';
import { updateDevMap } from './devmap.js';
import {
  deleteFromDevMapHash,
  lookupDevMapHash,
  nextDevMapHashKey,
  updateDevMapHash,
} from './devmapHash.js';
import { Errno } from './errno.js';
import { BPF_F_LOCK } from './flags.js';
import { fileOf, type Kernel } from './kernel.js';
import type { BpfMap, MapFile } from './objects.js';
import { entryValue, outputValue, readU32, socketFd, writeU32 } from './value.js';
import { updateXskMap } from './xskmap.js';

/** Map flags that the kernel adds to every devmap and devmap_hash. */
const BPF_F_RDONLY_PROG = 1 << 7;
const BPF_F_RDONLY = 1 << 3;
const BPF_F_WRONLY = 1 << 4;

/** `__bpf_map_get`: the descriptor, or the error it gives. */
function mapFile(kernel: Kernel, descriptor: string | number): MapFile | number {
  const file = fileOf(kernel, descriptor);
  if (!file) return Errno.EBADF;
  return file.kind === 'map' ? file : Errno.EINVAL;
}

/** `map_get_sys_perms`: a frozen map is writable through no descriptor. */
function mayWrite(file: MapFile): boolean {
  return file.writable && !file.map.frozen;
}

/** `map_create` */
export function create(kernel: Kernel, op: CreateOp): MapResult {
  const errno = checkCreate(kernel, op);
  if (errno) return { errno };
  const map = newMap(op);
  const mode = accessMode(op.mapFlags) ?? { readable: false, writable: false };
  kernel.maps.add(map);
  kernel.files.set(op.map, { kind: 'map', map, ...mode });
  return { errno: 0 };
}

function updateByType(
  kernel: Kernel,
  map: BpfMap,
  key: number,
  value: NonNullable<ValueInput>,
  flags: bigint,
): number {
  switch (map.type) {
    case 'cpumap':
      return updateCpuMap(kernel, map, key, entryValue(value), flags);
    case 'devmap':
      return updateDevMap(kernel, map, key, entryValue(value), flags);
    case 'devmap_hash':
      return updateDevMapHash(kernel, map, key, entryValue(value), flags);
    case 'xskmap':
      return updateXskMap(kernel, map, key, socketFd(value), flags);
  }
}

/** `map_update_elem` */
export function update(kernel: Kernel, op: UpdateOp): MapResult {
  const file = mapFile(kernel, op.map);
  if (typeof file === 'number') return { errno: file };
  if (!mayWrite(file)) return { errno: Errno.EPERM };
  const flags = u64(op.flags);
  if (flags & BPF_F_LOCK) return { errno: Errno.EINVAL };
  if (op.key === null || op.value === null) return { errno: Errno.EFAULT };
  return { errno: updateByType(kernel, file.map, readU32(op.key), op.value, flags) };
}

/** `map_lookup_elem`. The flags are looked at before the descriptor. */
export function lookup(kernel: Kernel, op: LookupOp): MapResult {
  const flags = u64(op.flags);
  if (flags & ~BPF_F_LOCK) return { errno: Errno.EINVAL };
  const file = mapFile(kernel, op.map);
  if (typeof file === 'number') return { errno: file };
  if (!file.readable) return { errno: Errno.EPERM };
  if (flags & BPF_F_LOCK) return { errno: Errno.EINVAL };
  if (op.key === null) return { errno: Errno.EFAULT };
  const { map } = file;
  if (map.type === 'xskmap') return { errno: Errno.EOPNOTSUPP };
  const key = readU32(op.key);
  const entry = map.type === 'devmap_hash' ? lookupDevMapHash(map, key) : map.slots.get(key);
  if (!entry) return { errno: Errno.ENOENT };
  if (op.nullValue) return { errno: Errno.EFAULT };
  return { errno: 0, value: outputValue(entry, map.attributes.valueSize) };
}

/** `map_delete_elem` */
export function deleteElem(kernel: Kernel, op: DeleteOp): MapResult {
  const file = mapFile(kernel, op.map);
  if (typeof file === 'number') return { errno: file };
  if (!mayWrite(file)) return { errno: Errno.EPERM };
  if (op.key === null) return { errno: Errno.EFAULT };
  const { map } = file;
  const key = readU32(op.key);
  const isHash = map.type === 'devmap_hash';
  return { errno: isHash ? deleteFromDevMapHash(map, key) : deleteFromArray(map, key) };
}

/** `map_get_next_key` */
export function nextKey(kernel: Kernel, op: NextKeyOp): MapResult {
  const file = mapFile(kernel, op.map);
  if (typeof file === 'number') return { errno: file };
  if (!file.readable) return { errno: Errno.EPERM };
  const { map } = file;
  const key = op.key === null ? undefined : readU32(op.key);
  const next = map.type === 'devmap_hash' ? nextDevMapHashKey(map, key) : nextArrayKey(map, key);
  return next === undefined ? { errno: Errno.ENOENT } : { errno: 0, next: writeU32(next) };
}

/** `map_lookup_and_delete_elem`: none of the four types has it, which is found last. */
export function lookupAndDelete(kernel: Kernel, op: LookupAndDeleteOp): MapResult {
  const flags = u64(op.flags);
  if (flags & ~BPF_F_LOCK) return { errno: Errno.EINVAL };
  const file = mapFile(kernel, op.map);
  if (typeof file === 'number') return { errno: file };
  if (!file.readable || !mayWrite(file)) return { errno: Errno.EPERM };
  if (flags & BPF_F_LOCK) return { errno: Errno.EINVAL };
  if (op.key === null) return { errno: Errno.EFAULT };
  return { errno: Errno.ENOTSUPP };
}

/** `bpf_map_do_batch`: none of the four types has any; the count is left as it was. */
export function batch(kernel: Kernel, op: BatchOp): MapResult {
  const countOut = op.count;
  const file = mapFile(kernel, op.map);
  if (typeof file === 'number') return { errno: file, countOut };
  const reads = op.op === 'lookup_batch' || op.op === 'lookup_and_delete_batch';
  const writes = op.op !== 'lookup_batch';
  if ((reads && !file.readable) || (writes && !mayWrite(file))) {
    return { errno: Errno.EPERM, countOut };
  }
  return { errno: Errno.ENOTSUPP, countOut };
}

/** `map_freeze` of 6.18. */
export function freeze(kernel: Kernel, op: FreezeOp): MapResult {
  const file = mapFile(kernel, op.map);
  if (typeof file === 'number') return { errno: file };
  if (!mayWrite(file)) return { errno: Errno.EPERM };
  file.map.frozen = true;
  return { errno: 0 };
}

/** `bpf_map_get_info_by_fd` */
export function info(kernel: Kernel, op: InfoOp): MapResult {
  const file = mapFile(kernel, op.map);
  if (file === Errno.EBADF) return { errno: Errno.EBADFD };
  if (typeof file === 'number') return { errno: file };
  const { type, keySize, valueSize, maxEntries, mapFlags, name = '' } = file.map.attributes;
  const isDev = type === 'devmap' || type === 'devmap_hash';
  const flags = (mapFlags & ~(BPF_F_RDONLY | BPF_F_WRONLY)) | (isDev ? BPF_F_RDONLY_PROG : 0);
  return { errno: 0, info: { type, keySize, valueSize, maxEntries, mapFlags: flags, name } };
}

/** `bpf_map_get_fd_by_id`: the mode is the new descriptor's own, whatever the one has that names the map here. */
export function open(kernel: Kernel, op: OpenOp): MapResult {
  const flags = u64(op.flags);
  const mode = flags & ~BigInt(BPF_F_RDONLY | BPF_F_WRONLY) ? undefined : accessMode(Number(flags));
  if (!mode) return { errno: Errno.EINVAL };
  const file = mapFile(kernel, op.map);
  // The id of a map that is gone is the id of none.
  if (typeof file === 'number') return { errno: Errno.ENOENT };
  kernel.files.set(op.as, { kind: 'map', map: file.map, ...mode });
  return { errno: 0 };
}
