import type { LoadProgOp } from '../mapTrace.js';
import { Errno } from './errno.js';
import { fileOf, type Kernel } from './kernel.js';
import type { CpuMap, DevMap, DevMapHash, Program } from './objects.js';

type OwnedMap = CpuMap | DevMap | DevMapHash;

/** `bpf_prog_map_compatible`: the first program to get here marks the map for its lifetime. */
export function isCompatible(map: OwnedMap, program: Program): boolean {
  map.ownerFrags ??= program.frags;
  return map.ownerFrags === program.frags;
}

/**
 * `BPF_PROG_LOAD` of a program that uses `maps`, whose maps are checked in order (`bpf_check_tail_call`): those before
 * the refusing one stay marked. `map_type_contains_progs` leaves devmap_hash out.
 */
export function loadProg(kernel: Kernel, op: LoadProgOp): number {
  const { prog: id, progId, attach, frags } = op;
  const program: Program = { kind: 'prog', id, progId, attach, frags };
  for (const descriptor of op.maps) {
    const file = fileOf(kernel, descriptor);
    if (!file) return Errno.EBADF;
    if (file.kind !== 'map') return Errno.EINVAL;
    const { map } = file;
    if (map.type !== 'cpumap' && map.type !== 'devmap') continue;
    if (!isCompatible(map, program)) return Errno.EINVAL;
  }
  kernel.files.set(id, program);
  return 0;
}
