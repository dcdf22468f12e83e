import type { Descriptor } from '../mapTrace.js';
import { Errno } from './errno.js';
import { BPF_EXIST, BPF_NOEXIST } from './flags.js';
import { fileOf, type Kernel } from './kernel.js';
import type { CpuMap, Program } from './objects.js';
import { isCompatible } from './owner.js';
import { type EntryValue, namesProgram } from './value.js';

const QSIZE_MAX = 16384;

/** `__cpu_map_load_bpf_program`: null where the descriptor is no acceptable program. */
function loadProgram(kernel: Kernel, map: CpuMap, fd: Descriptor): Program | undefined | null {
  if (!namesProgram(fd)) return undefined;
  const file = fileOf(kernel, fd);
  if (file?.kind !== 'prog' || file.attach !== 'xdp/cpumap') return null;
  return isCompatible(map, file) ? file : null;
}

/** `cpu_map_update_elem`. `BPF_EXIST` is the same as `BPF_ANY`. */
export function updateCpuMap(
  kernel: Kernel,
  map: CpuMap,
  key: number,
  { first: qsize, programFd }: EntryValue,
  flags: bigint,
): number {
  if (flags > BPF_EXIST) return Errno.EINVAL;
  if (key >= map.attributes.maxEntries) return Errno.E2BIG;
  if (flags === BPF_NOEXIST) return Errno.EEXIST;
  if (qsize > QSIZE_MAX) return Errno.EOVERFLOW;
  if (key >= kernel.possibleCpus) return Errno.ENODEV;
  if (qsize === 0) {
    map.slots.delete(key);
    return 0;
  }
  const program = loadProgram(kernel, map, programFd);
  // `__cpu_map_entry_alloc` returns no more than a null pointer, whatever went wrong.
  if (program === null) return Errno.ENOMEM;
  map.slots.set(key, { qsize, program });
  return 0;
}
