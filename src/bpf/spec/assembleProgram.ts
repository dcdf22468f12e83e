import type { CoreRecord } from '../btf/btfExt.js';
import type { FunctionCode } from './functionCode.js';
import { INSN_BYTES, PSEUDO_FUNC, setImm, setSrc } from './insn.js';
import type { ObjectSource } from './objectSource.js';
import {
  type FunctionSpec,
  lineAt,
  type ProgramLine,
  type ProgramSpec,
  type Unsupported,
} from './objectSpec.js';
import type { Relocation } from './relocation.js';
import { type ObjectTables, type Reference, resolveReference } from './resolveReference.js';
import { lowerBound } from './sorted.js';
import { SpecError } from './specError.js';

/** The kernel's BPF_MAX_SUBPROGS. */
const MAX_FUNCTIONS = 256;

/** A problem is text, and costs as much as so many records. */
const PROBLEM_RECORDS = 16;

/** What of a `ProgramSpec` comes from its code. */
export type AssembledCode = Pick<
  ProgramSpec,
  'instructions' | 'functions' | 'relocations' | 'coreRelocations' | 'lines' | 'unsupported'
>;

/**
 * A bound on what all programs of an object take together: subprograms are copied into each program that reaches them,
 * which a hostile file could make quadratic.
 */
export class AssemblyBudget {
  readonly #fileName: string;
  #left: number;

  constructor(fileName: string, records: number) {
    this.#fileName = fileName;
    this.#left = records;
  }

  take(records: number): void {
    this.#left -= records;
    if (this.#left >= 0) return;
    throw new SpecError(
      `${this.#fileName}: programs with their subprograms are too large: is the file damaged?`,
    );
  }
}

/**
 * Puts a program together: its function, then each subprogram where the first reference to it is met, depth first
 * (libbpf's `bpf_object__reloc_code`). What stands in the way is recorded, not thrown.
 */
export function assembleProgram(
  source: ObjectSource,
  tables: ObjectTables,
  main: FunctionCode,
  budget: AssemblyBudget,
): AssembledCode {
  return new Assembly(source, tables, budget).run(main);
}

class Assembly {
  readonly #source: ObjectSource;
  readonly #tables: ObjectTables;
  readonly #budget: AssemblyBudget;
  readonly #placed = new Map<FunctionCode, number>();
  readonly #chunks: Uint8Array[] = [];
  readonly #functions: FunctionSpec[] = [];
  readonly #relocations: Relocation[] = [];
  readonly #coreRelocations: CoreRecord[] = [];
  readonly #lines: ProgramLine[] = [];
  readonly #problems: { readonly insnIndex: number; readonly reason: string }[] = [];
  #insnCount = 0;

  constructor(source: ObjectSource, tables: ObjectTables, budget: AssemblyBudget) {
    this.#source = source;
    this.#tables = tables;
    this.#budget = budget;
  }

  run(main: FunctionCode): AssembledCode {
    this.#place(main);
    const lines = this.#lines;
    return {
      instructions: this.#join(),
      functions: this.#functions,
      relocations: this.#relocations.sort(byInsnIndex),
      coreRelocations: this.#coreRelocations,
      lines,
      unsupported: this.#problems.sort(byInsnIndex).map(({ insnIndex, reason }): Unsupported => {
        const line = lineAt(lines, insnIndex);
        return {
          reason,
          section: main.section.name,
          insnIndex,
          ...(line !== undefined && { line }),
        };
      }),
    };
  }

  #join(): Uint8Array {
    const instructions = new Uint8Array(this.#insnCount * INSN_BYTES);
    for (const [i, chunk] of this.#chunks.entries()) {
      instructions.set(chunk, this.#functions[i]!.insnIndex * INSN_BYTES);
    }
    return instructions;
  }

  /** Appends a function and all that it refers to; tells where it starts. */
  #place(owner: FunctionCode): number {
    const start = this.#insnCount;
    const at = owner.insnIndex * INSN_BYTES;
    const code = owner.section.data.slice(at, at + owner.insnCount * INSN_BYTES);
    this.#budget.take(owner.insnCount);
    this.#insnCount += owner.insnCount;
    this.#placed.set(owner, start);
    this.#chunks.push(code);
    this.#addRecords(owner, start);
    this.#resolveAll(owner, code, start);
    return start;
  }

  #addRecords(owner: FunctionCode, start: number): void {
    const { name, section, linkage, insnCount } = owner;
    const { functions, lines, coreRelocations } = this.#source.ext;
    const [info] = recordsOf(functions.get(section.name), owner);
    const typeId = info?.insnIndex === owner.insnIndex ? info.typeId : undefined;
    this.#functions.push({ name, linkage, insnIndex: start, insnCount, typeId });
    const shift = start - owner.insnIndex;
    for (const line of recordsOf(lines.get(section.name), owner)) {
      this.#budget.take(1);
      // Line 0 is code that the compiler made up: the line before it says more.
      if (line.line === 0) continue;
      this.#lines.push({ ...line, insnIndex: line.insnIndex + shift });
    }
    for (const record of recordsOf(coreRelocations.get(section.name), owner)) {
      this.#budget.take(1);
      this.#coreRelocations.push({ ...record, insnIndex: record.insnIndex + shift });
    }
  }

  #resolveAll(owner: FunctionCode, code: Uint8Array, start: number): void {
    const found = recordsOf(this.#tables.relocations.get(owner.section.index), owner);
    const relocations = new Map(
      found.map((relocation) => [relocation.insnIndex - owner.insnIndex, relocation]),
    );
    for (let i = 0; i < owner.insnCount; i++) {
      const reference = resolveReference(this.#tables, code, i, owner, relocations.get(i));
      if (reference !== undefined) this.#apply(reference, code, i, start + i);
    }
  }

  #apply(reference: Reference, code: Uint8Array, index: number, insnIndex: number): void {
    if (reference.kind === 'problem') {
      this.#refuse(insnIndex, reference.reason);
      return;
    }
    if (!('target' in reference)) {
      this.#relocations.push({ ...reference, insnIndex });
      return;
    }
    const { kind, target } = reference;
    if (!this.#placed.has(target) && this.#placed.size === MAX_FUNCTIONS) {
      this.#refuse(insnIndex, `'${target.name}' is one of more than ${MAX_FUNCTIONS} functions`);
      return;
    }
    const to = this.#placed.get(target) ?? this.#place(target);
    if (kind === 'function') {
      setSrc(code, index, PSEUDO_FUNC);
      setImm(code, index + 1, 0);
    }
    setImm(code, index, to - insnIndex - 1);
    this.#relocations.push({ kind, function: target.name, insnIndex });
  }

  #refuse(insnIndex: number, reason: string): void {
    this.#budget.take(PROBLEM_RECORDS);
    this.#problems.push({ insnIndex, reason });
  }
}

/** The records within a function, of a list sorted by instruction of the section. */
function recordsOf<T extends { readonly insnIndex: number }>(
  records: readonly T[] | undefined,
  { insnIndex, insnCount }: FunctionCode,
): readonly T[] {
  if (records === undefined) return [];
  const first = lowerBound(records, insnIndexOf, insnIndex);
  return records.slice(first, lowerBound(records, insnIndexOf, insnIndex + insnCount));
}

function insnIndexOf(record: { readonly insnIndex: number }): number {
  return record.insnIndex;
}

function byInsnIndex(a: { readonly insnIndex: number }, b: { readonly insnIndex: number }): number {
  return a.insnIndex - b.insnIndex;
}
