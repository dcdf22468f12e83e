import type { FileTable } from './files.js';
import type { KernelMap } from './kernelMap.js';
import type { Program } from './objects.js';

/** The program descriptor in an entry's value, a signed number; 0 where the value has none. */
export function readFd(value: Uint8Array): number {
  if (value.length < 8) return 0;
  return new DataView(value.buffer, value.byteOffset, value.length).getInt32(4, true);
}

/**
 * The program behind the descriptor in an entry's value (`__cpu_map_load_bpf_program`, `__dev_map_alloc_node`): none
 * where the number is not positive; refused where it is no XDP program for this place, or not compatible with the map.
 */
export function acceptProgram(
  map: KernelMap,
  files: FileTable,
  fd: number,
  expectedAttachType: number,
): Program | undefined | 'refused' {
  if (fd <= 0) return undefined;
  const file = files.get(fd);
  if (file?.kind !== 'program') return 'refused';
  const { program } = file;
  if (program.type !== 'xdp' || program.expectedAttachType !== expectedAttachType) return 'refused';
  return map.isCompatible(program) ? program : 'refused';
}
