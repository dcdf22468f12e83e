import type { Btf } from '../btf/btf.js';
import type { CoreRecord, SourceLine } from '../btf/btfExt.js';
import type { BtfLinkage } from '../btf/btfType.js';
import type { Relocation } from './relocation.js';
import type { SectionType } from './sectionType.js';
import { lastAtOrBefore } from './sorted.js';

/**
 * What an object file says, the same on every machine: no address, no file descriptor, nothing that runs. `linkProgram`
 * makes the instructions of a program from it once the maps have addresses.
 */
export interface ObjectSpec {
  /** As given to `loadObjectSpec`. */
  readonly name: string;
  /** '' when the object has no `license` section. */
  readonly license: string;
  /** The `version` section, which old kernels compared for kprobes. */
  readonly kernelVersion: number | undefined;
  /** Undefined for an object built without `-g`. */
  readonly btf: Btf | undefined;
  readonly programs: readonly ProgramSpec[];
  /** Defined maps in the order of their sections, then global data sections. */
  readonly maps: readonly MapSpec[];
  /** What the object has that no program needs and that is ignored. */
  readonly ignored: readonly Unsupported[];
}

export interface ProgramSpec {
  /** Name of the C function. */
  readonly name: string;
  /** Name of the ELF section, without a leading `?`. */
  readonly section: string;
  readonly type: SectionType;
  /** False for `SEC("?...")`: the program is loaded only when it is asked for by name. */
  readonly autoload: boolean;
  /**
   * The function and all subprograms that it reaches, appended as libbpf does. Calls and function addresses among them
   * are resolved; `relocations` tells what is not.
   */
  readonly instructions: Uint8Array;
  /** The functions in `instructions`, the program's own first. */
  readonly functions: readonly FunctionSpec[];
  /** In order of instruction. */
  readonly relocations: readonly Relocation[];
  /** To be applied by `applyCoreRelocations` before linking. */
  readonly coreRelocations: readonly CoreRecord[];
  /** Source of the instructions, in order; each holds until the next. */
  readonly lines: readonly ProgramLine[];
  /** Instructions that `applyCoreRelocations` could not adapt: an error only if they are reached. */
  readonly poisoned: readonly Unsupported[];
  /** Why the program cannot be linked; empty if it can. */
  readonly unsupported: readonly Unsupported[];
}

export interface FunctionSpec {
  readonly name: string;
  readonly linkage: 'static' | 'global';
  /** First instruction, in slots from the start of the program. */
  readonly insnIndex: number;
  readonly insnCount: number;
  /** Its `func` in the object's BTF. */
  readonly typeId: number | undefined;
}

export interface ProgramLine extends SourceLine {
  readonly insnIndex: number;
}

/** Something that is refused, with the place to look at. */
export interface Unsupported {
  /** What is wrong, naming the thing. */
  readonly reason: string;
  readonly section: string;
  /** Slot in the program. */
  readonly insnIndex?: number;
  readonly line?: SourceLine;
}

export interface MapSpec {
  readonly name: string;
  readonly section: string;
  /** `BPF_MAP_TYPE_*`; `mapTypeName` has the name. */
  readonly type: number;
  readonly keySizeBytes: number;
  readonly valueSizeBytes: number;
  /** 0 means that the user has to set it. */
  readonly maxEntries: number;
  /** `BPF_F_*` */
  readonly flags: number;
  readonly mapExtra: bigint;
  readonly numaNode: number | undefined;
  readonly pinning: 'none' | 'byName';
  readonly keyTypeId: number | undefined;
  readonly valueTypeId: number | undefined;
  /** The template of a map-in-map's inner maps. */
  readonly inner: MapSpec | undefined;
  /** The `values` initialiser: maps of a map-in-map, programs of a PROG_ARRAY. */
  readonly initialSlots: readonly InitialSlot[];
  /** Present for a global data section, whose bytes are the map's one value. */
  readonly data: GlobalData | undefined;
  /** Why programs that use the map are refused. */
  readonly unsupported: string | undefined;
}

export interface InitialSlot {
  readonly index: number;
  readonly kind: 'map' | 'program';
  readonly name: string;
}

/** A `.rodata*`, `.data*`, `.bss*` or `.kconfig` section. */
export interface GlobalData {
  /** Programs cannot write to it: `.rodata`, `.kconfig`. */
  readonly readOnly: boolean;
  /** Initial contents, as long as the map's value. */
  readonly bytes: Uint8Array;
  readonly variables: readonly VariableSpec[];
}

export interface VariableSpec {
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly linkage: BtfLinkage;
  /** Undefined without BTF. */
  readonly typeId: number | undefined;
  /** For `.kconfig`: the program can do without. */
  readonly weak: boolean;
}

/** The line that `insnIndex` belongs to: the last one at or before it. */
export function lineAt(lines: readonly ProgramLine[], insnIndex: number): ProgramLine | undefined {
  return lastAtOrBefore(lines, (line) => line.insnIndex, insnIndex);
}

/** One line for people: `section xdp/cpumap, insn 12, steer.bpf.c:40: ...`. */
export function describeUnsupported({ section, insnIndex, line, reason }: Unsupported): string {
  const place = [`section ${section}`];
  if (insnIndex !== undefined) place.push(`insn ${insnIndex}`);
  if (line !== undefined) place.push(`${line.file}:${line.line}`);
  return `${place.join(', ')}: ${reason}`;
}
