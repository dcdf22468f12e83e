import { createHash } from 'node:crypto';
import type { Btf } from '../bpf/btf/btf.js';
import { PSEUDO_MAP_FD, PSEUDO_MAP_VALUE, setImm, setSrc } from '../bpf/spec/insn.js';
import type { Machine } from '../machine/machine.js';
import type { LoadedCode, LoadedObject } from '../machine/objects.js';
import { btfIds } from './btfIds.js';

/** A program as a kernel would tell of it. */
export interface ShownProgram {
  readonly id: number;
  /** The C function's; the scenario's name where it is none. */
  readonly name: string;
  readonly scenarioName: string;
  /** Milliseconds since 1970. */
  readonly loadedAtMs: number;
  /** Undefined for programs in TypeScript, which have no instructions. */
  readonly code: ShownCode | undefined;
}

export interface ShownCode extends Omit<LoadedCode, 'object'> {
  readonly object: LoadedObject['spec'];
  readonly isGpl: boolean;
  readonly tag: string;
  /** As libbpf loads them, with map ids where the kernel shows those. */
  readonly instructions: Uint8Array;
  readonly mapIds: readonly number[];
  readonly btf: { readonly types: Btf; readonly id: number } | undefined;
}

/** Every program of a machine, by id. */
export function shownPrograms(machine: Machine): ShownProgram[] {
  const { programs, objects, system } = machine;
  const ids = btfIds(objects.objects);
  // The kernel counts the tag with another hash since 6.18.
  const hash = system.kernel.version >= 618 ? 'sha256' : 'sha1';
  return [...programs].map(([scenarioName, { program }]) => {
    const loaded = objects.codeOf(scenarioName);
    return {
      id: program.id,
      name: loaded?.program.name ?? scenarioName,
      scenarioName,
      loadedAtMs: machine.clockOriginMs,
      code: loaded && shownCode(loaded, ids, hash),
    };
  });
}

/** include/linux/license.h. */
const GPL_LICENSES: ReadonlySet<string> = new Set([
  'GPL',
  'GPL v2',
  'GPL and additional rights',
  'Dual BSD/GPL',
  'Dual MIT/GPL',
  'Dual MPL/GPL',
]);

function shownCode(
  { object, program, compiled }: LoadedCode,
  ids: ReadonlyMap<Btf, number>,
  hash: 'sha1' | 'sha256',
): ShownCode {
  const { spec } = object;
  return {
    object: spec,
    program,
    compiled,
    isGpl: GPL_LICENSES.has(spec.license),
    tag: tagOf(
      withMapNumbers(compiled.code, program, () => 0, false),
      hash,
    ),
    instructions: withMapNumbers(compiled.code, program, (name) => mapIdOf(object, name), true),
    mapIds: usedMaps(object, program),
    btf: spec.btf && { types: spec.btf, id: ids.get(spec.btf)! },
  };
}

function mapIdOf({ maps }: LoadedObject, name: string): number {
  const found = maps.get(name);
  // A program that uses a refused map was not compiled.
  if (found === undefined || !('map' in found)) throw new TypeError(`map ${name} was not made`);
  return found.map.id;
}

/** The code with numbers for maps in place of their addresses (`bpf_insn_prepare_dump`), and offsets in values if wanted. */
function withMapNumbers(
  code: Uint8Array,
  { relocations }: ShownCode['program'],
  numberOf: (map: string) => number,
  withOffsets: boolean,
): Uint8Array {
  const copy = code.slice();
  for (const relocation of relocations) {
    if (relocation.kind !== 'map' && relocation.kind !== 'mapValue') continue;
    const { insnIndex, map } = relocation;
    const isValue = relocation.kind === 'mapValue';
    setSrc(copy, insnIndex, isValue ? PSEUDO_MAP_VALUE : PSEUDO_MAP_FD);
    setImm(copy, insnIndex, numberOf(map));
    setImm(copy, insnIndex + 1, isValue && withOffsets ? relocation.offset : 0);
  }
  return copy;
}

/** `bpf_prog_calc_tag`: the first 8 bytes of a hash of the instructions without what differs from load to load. */
function tagOf(code: Uint8Array, hash: 'sha1' | 'sha256'): string {
  return createHash(hash).update(code).digest('hex').slice(0, 16);
}

/** Maps in the order in which the program names them, then constants: libbpf binds those to every program. */
function usedMaps(object: LoadedObject, { relocations }: ShownCode['program']): number[] {
  const names = relocations.flatMap((relocation) => ('map' in relocation ? relocation.map : []));
  const constants = object.spec.maps.filter(({ name, data, section }) => {
    const isMade = 'map' in object.maps.get(name)!;
    return isMade && data !== undefined && section.startsWith('.rodata');
  });
  const all = new Set([...names, ...constants.map(({ name }) => name)]);
  return [...all].map((name) => mapIdOf(object, name));
}
