import { STB_LOCAL, STT_FUNC } from '../elf/constants.js';
import type { ElfSection } from '../elf/elfSection.js';
import type { ElfSymbol } from '../elf/elfSymbol.js';
import { INSN_BYTES } from './insn.js';
import { isCodeSection, type ObjectSource } from './objectSource.js';
import { SpecError } from './specError.js';

/** The code of one C function, where the compiler put it. */
export interface FunctionCode {
  readonly name: string;
  readonly section: ElfSection;
  /** First instruction, in slots from the start of the section. */
  readonly insnIndex: number;
  readonly insnCount: number;
  readonly linkage: 'static' | 'global';
}

/** All functions of an object, found by place. */
export interface FunctionTable {
  /** In order of section, then place. */
  readonly functions: readonly FunctionCode[];
  /** The function that starts at that slot of `.text`, where libbpf wants all subprograms to be. */
  subprogramAt(insnIndex: number): FunctionCode | undefined;
}

/**
 * Functions are symbols of type FUNC in sections with code (libbpf's `bpf_object__add_programs`).
 *
 * @throws SpecError when a function does not consist of whole instructions within its section
 */
export function collectFunctions(source: ObjectSource): FunctionTable {
  const functions: FunctionCode[] = [];
  const subprograms = new Map<number, FunctionCode>();
  for (const section of source.file.sections) {
    if (!isCodeSection(section)) continue;
    for (const symbol of source.symbolsBySection.get(section.index) ?? []) {
      if (symbol.type !== STT_FUNC) continue;
      const code = functionCode(source, section, symbol);
      functions.push(code);
      if (section.name === '.text') subprograms.set(code.insnIndex, code);
    }
  }
  return { functions, subprogramAt: (insnIndex) => subprograms.get(insnIndex) };
}

function functionCode(source: ObjectSource, section: ElfSection, symbol: ElfSymbol): FunctionCode {
  const { name, value, sizeBytes } = symbol;
  const whole = value % INSN_BYTES === 0 && sizeBytes % INSN_BYTES === 0 && sizeBytes > 0;
  if (!whole || value + sizeBytes > section.data.length) {
    throw new SpecError(
      `${source.file.name}: section ${section.name}: function ${name} at ${value} with ${sizeBytes} bytes, expected whole ` +
        `instructions of ${INSN_BYTES} bytes within the section's ${section.data.length}`,
    );
  }
  return {
    name,
    section,
    insnIndex: value / INSN_BYTES,
    insnCount: sizeBytes / INSN_BYTES,
    linkage: symbol.binding === STB_LOCAL ? 'static' : 'global',
  };
}
