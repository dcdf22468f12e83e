import { R_BPF_64_32, R_BPF_64_64, SHN_LORESERVE, SHN_UNDEF } from '../elf/constants.js';
import type { ElfRelocation } from '../elf/elfRelocation.js';
import type { ElfSymbol } from '../elf/elfSymbol.js';
import type { ElfFile } from '../elf/readElf.js';
import type { CodeRelocations } from './codeRelocation.js';
import type { ExternTable } from './externs.js';
import type { FunctionCode, FunctionTable } from './functionCode.js';
import { variableAt } from './globalData.js';
import { INSN_BYTES, immOf, isCall, isLdImm64, PSEUDO_CALL, srcOf } from './insn.js';
import type { MapTable } from './mapTable.js';
import type { MapSpec } from './objectSpec.js';

/** Everything in an object that an instruction can refer to. */
export interface ObjectTables {
  readonly file: ElfFile;
  readonly functions: FunctionTable;
  readonly maps: MapTable;
  readonly externs: ExternTable;
  readonly relocations: CodeRelocations;
}

/** What an instruction refers to; `problem` is a reason to refuse the program. */
export type Reference =
  | { readonly kind: 'map'; readonly map: string }
  | {
      readonly kind: 'mapValue';
      readonly map: string;
      readonly offset: number;
      readonly variable: string | undefined;
    }
  | { readonly kind: 'kfunc' | 'ksym'; readonly name: string; readonly weak: boolean }
  | { readonly kind: 'call' | 'function'; readonly target: FunctionCode }
  | { readonly kind: 'problem'; readonly reason: string };

/**
 * What the instruction at slot `index` of `code` refers to, undefined if to nothing (libbpf's
 * `bpf_program__record_reloc` and the lookups of `bpf_object__reloc_code`).
 *
 * @param code the instructions of the function `owner`, as the compiler left them
 */
export function resolveReference(
  tables: ObjectTables,
  code: Uint8Array,
  index: number,
  owner: FunctionCode,
  relocation: ElfRelocation | undefined,
): Reference | undefined {
  if (relocation === undefined) return resolveUnrelocated(tables, code, index, owner);
  const { symbol, type } = relocation;
  if (type === R_BPF_64_32 && isCall(code, index)) return resolveCall(tables, code, index, symbol);
  if (type === R_BPF_64_64 && isLdImm64(code, index)) {
    return resolveAddress(tables, code, index, symbol);
  }
  return problem(
    `relocation of type ${type} against '${symbol.name}', expected R_BPF_64_64 at a 64-bit load or R_BPF_64_32 at a call`,
  );
}

/**
 * A call of a static function of the same section needs no relocation: its imm is right in that section. Any other
 * reference must have one; what the field holds without it is a number of some other machine.
 */
function resolveUnrelocated(
  tables: ObjectTables,
  code: Uint8Array,
  index: number,
  owner: FunctionCode,
): Reference | undefined {
  const src = srcOf(code, index);
  if (src === 0) return undefined;
  if (isLdImm64(code, index)) return problem(`64-bit load with src ${src} and no relocation`);
  if (!isCall(code, index)) return undefined;
  if (src !== PSEUDO_CALL) return problem(`call with src ${src} and no relocation`);
  const target = owner.insnIndex + index + immOf(code, index) + 1;
  if (owner.section.name !== '.text') {
    return problem(notInText(`instruction ${target}`, owner.section.name));
  }
  return subprogram(tables, 'call', target);
}

function resolveCall(
  tables: ObjectTables,
  code: Uint8Array,
  index: number,
  symbol: ElfSymbol,
): Reference {
  if (symbol.sectionIndex === SHN_UNDEF) {
    const extern = tables.externs.get(symbol.name);
    if (extern?.kind === 'kfunc') return { kind: 'kfunc', name: extern.name, weak: extern.weak };
    return problem(undefinedSymbol(symbol));
  }
  if (srcOf(code, index) !== PSEUDO_CALL) {
    return problem(
      `call of '${symbol.name}' has src ${srcOf(code, index)}, expected ${PSEUDO_CALL} (BPF_PSEUDO_CALL)`,
    );
  }
  const section = tables.file.sections[symbol.sectionIndex];
  if (section?.name !== '.text') {
    return problem(notInText(`'${symbol.name}'`, section?.name ?? '?'));
  }
  // Against a global function imm is -1; against the section it leads to a static one.
  return subprogram(tables, 'call', symbol.value / INSN_BYTES + immOf(code, index) + 1);
}

function resolveAddress(
  tables: ObjectTables,
  code: Uint8Array,
  index: number,
  symbol: ElfSymbol,
): Reference {
  if (symbol.sectionIndex === SHN_UNDEF) return resolveExternAddress(tables, code, index, symbol);
  const section = tables.file.sections[symbol.sectionIndex];
  if (section === undefined || symbol.sectionIndex >= SHN_LORESERVE) {
    return problem(
      `'${symbol.name}' is in special section 0x${symbol.sectionIndex.toString(16)}: is the variable initialised?`,
    );
  }
  if (section.name === '.text') {
    return subprogram(tables, 'function', (symbol.value + immOf(code, index)) / INSN_BYTES);
  }
  const data = tables.maps.dataOf(section.index);
  if (data !== undefined) return mapValue(data, symbol.value + immOf(code, index), symbol.name);
  const map = tables.maps.definedAt(section.index, symbol.value);
  if (map === undefined) {
    return problem(
      `'${symbol.name}' in section ${section.name}, byte ${symbol.value}, is no map and no global variable`,
    );
  }
  return map.unsupported === undefined ? { kind: 'map', map: map.name } : problem(map.unsupported);
}

function resolveExternAddress(
  tables: ObjectTables,
  code: Uint8Array,
  index: number,
  symbol: ElfSymbol,
): Reference {
  const extern = tables.externs.get(symbol.name);
  if (extern === undefined) return problem(undefinedSymbol(symbol));
  if (extern.kind !== 'kconfig') return { kind: 'ksym', name: extern.name, weak: extern.weak };
  const found = tables.maps.kconfig(symbol.name);
  if (found === undefined) return problem(undefinedSymbol(symbol));
  return mapValue(found.map, found.variable.offset + immOf(code, index), symbol.name);
}

function mapValue(map: MapSpec, offset: number, symbol: string): Reference {
  if (map.data === undefined) {
    return problem(map.unsupported ?? `section ${map.section} has no data`);
  }
  if (offset < 0 || offset > map.valueSizeBytes) {
    return problem(
      `'${symbol}': byte ${offset} of ${map.section}, which has ${map.valueSizeBytes}`,
    );
  }
  return { kind: 'mapValue', map: map.name, offset, variable: variableAt(map.data, offset)?.name };
}

function subprogram(tables: ObjectTables, kind: 'call' | 'function', insnIndex: number): Reference {
  const target = tables.functions.subprogramAt(insnIndex);
  return target === undefined
    ? problem(`no function starts at instruction ${insnIndex} of .text`)
    : { kind, target };
}

function problem(reason: string): Reference {
  return { kind: 'problem', reason };
}

function notInText(target: string, section: string): string {
  return `call of ${target} in section ${section}: subprograms must be in .text, without SEC()`;
}

function undefinedSymbol({ name }: ElfSymbol): string {
  return `'${name}' is not defined, and BTF does not declare it in .ksyms or .kconfig`;
}
