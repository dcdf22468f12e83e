import { type BtfValue, formatValue } from '../btf/formatValue.js';
import { CALL, immOf, insnCount, isLdImm64, opcodeOf, srcOf } from './insn.js';
import { mapTypeName } from './mapType.js';
import {
  describeUnsupported,
  type MapSpec,
  type ObjectSpec,
  type ProgramSpec,
  type VariableSpec,
} from './objectSpec.js';
import { isOpen } from './relocation.js';

const MAX_SHOWN_BYTES = 4096;

/** An object in plain words and numbers, for people and for JSON. */
export interface ObjectSummary {
  readonly name: string;
  readonly license: string;
  readonly programs: readonly ProgramSummary[];
  readonly maps: readonly MapSummary[];
  readonly globals: readonly GlobalSummary[];
  readonly ignored: readonly string[];
}

export interface ProgramSummary {
  readonly name: string;
  readonly section: string;
  readonly programType: string;
  readonly attachType: string | undefined;
  readonly frags: boolean;
  readonly autoload: boolean;
  readonly insnCount: number;
  /** Functions that are linked in. */
  readonly subprograms: readonly string[];
  /** Helpers by name, or by number where the table has no name; kfuncs apart. */
  readonly helpers: readonly string[];
  readonly kfuncs: readonly string[];
  readonly maps: readonly string[];
  readonly coreRelocations: number;
  readonly unsupported: readonly string[];
}

export interface MapSummary {
  readonly name: string;
  readonly type: string;
  readonly keySizeBytes: number;
  readonly valueSizeBytes: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly pinning: MapSpec['pinning'];
  readonly inner: string | undefined;
  readonly unsupported: string | undefined;
}

export interface GlobalSummary {
  readonly section: string;
  readonly name: string;
  readonly sizeBytes: number;
  /** Undefined without type information, and for variables of more than 4 KiB. */
  readonly value: BtfValue | undefined;
}

/** Name of a helper by its number; undefined when there is none. */
export type HelperName = (id: number) => string | undefined;

/** Summarises an object for `xdpemu inspect`; the names of helpers are the caller's. */
export function describeObject(object: ObjectSpec, helperName: HelperName): ObjectSummary {
  return {
    name: object.name,
    license: object.license,
    programs: object.programs.map((program) => describeProgram(program, helperName)),
    maps: object.maps.filter((map) => map.data === undefined).map(describeMap),
    globals: object.maps.flatMap((map) =>
      (map.data?.variables ?? []).map((variable) => describeGlobal(object, map, variable)),
    ),
    ignored: object.ignored.map(describeUnsupported),
  };
}

function describeProgram(program: ProgramSpec, helperName: HelperName): ProgramSummary {
  const { name, section, type, autoload, instructions, functions, coreRelocations, unsupported } =
    program;
  const open = program.relocations.filter(isOpen);
  return {
    name,
    section,
    programType: type.programType,
    attachType: type.attachType,
    frags: type.frags,
    autoload,
    insnCount: insnCount(instructions),
    subprograms: functions.slice(1).map((subprogram) => subprogram.name),
    helpers: helpersUsed(instructions).map((id) => helperName(id) ?? `#${id}`),
    kfuncs: unique(
      open.flatMap((relocation) => (relocation.kind === 'kfunc' ? [relocation.name] : [])),
    ),
    maps: unique(open.flatMap((relocation) => ('map' in relocation ? [relocation.map] : []))),
    coreRelocations: coreRelocations.length,
    unsupported: unsupported.map(describeUnsupported),
  };
}

/** Numbers of the helpers that a program calls, ascending. */
export function helpersUsed(code: Uint8Array): number[] {
  const ids = new Set<number>();
  for (let i = 0; i < insnCount(code); i++) {
    if (opcodeOf(code, i) === CALL && srcOf(code, i) === 0) ids.add(immOf(code, i));
    if (isLdImm64(code, i)) i++;
  }
  return [...ids].sort((a, b) => a - b);
}

function describeMap(map: MapSpec): MapSummary {
  const {
    name,
    type,
    keySizeBytes,
    valueSizeBytes,
    maxEntries,
    flags,
    pinning,
    inner,
    unsupported,
  } = map;
  return {
    name,
    type: mapTypeName(type) ?? `#${type}`,
    keySizeBytes,
    valueSizeBytes,
    maxEntries,
    flags,
    pinning,
    inner: inner && (mapTypeName(inner.type) ?? `#${inner.type}`),
    unsupported,
  };
}

function describeGlobal({ btf }: ObjectSpec, map: MapSpec, variable: VariableSpec): GlobalSummary {
  const { name, offset, sizeBytes, typeId } = variable;
  const isShown = btf !== undefined && typeId !== undefined && sizeBytes <= MAX_SHOWN_BYTES;
  const bytes = map.data!.bytes.subarray(offset, offset + sizeBytes);
  const value = isShown ? formatValue(btf, typeId, bytes) : undefined;
  return { section: map.section, name, sizeBytes, value };
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
