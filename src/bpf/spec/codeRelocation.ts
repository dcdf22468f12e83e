import type { ElfRelocation } from '../elf/elfRelocation.js';
import { INSN_BYTES } from './insn.js';
import { isCodeSection, type ObjectSource } from './objectSource.js';
import { SpecError } from './specError.js';

/** A relocation of code; `insnIndex` counts slots from the start of the section. */
export interface CodeRelocation extends ElfRelocation {
  readonly insnIndex: number;
}

/** Relocations by index of their section, in order of instruction. */
export type CodeRelocations = ReadonlyMap<number, readonly CodeRelocation[]>;

/** @throws SpecError when one is not at the start of an instruction, or an instruction has two */
export function collectCodeRelocations({ file }: ObjectSource): CodeRelocations {
  const bySection = new Map<number, CodeRelocation[]>();
  for (const [index, relocations] of file.relocations) {
    const section = file.sections[index]!;
    if (!isCodeSection(section)) continue;
    const where = `${file.name}: section ${section.name}`;
    const sorted = relocations
      .map((relocation) => ({ ...relocation, insnIndex: relocation.offset / INSN_BYTES }))
      .sort((a, b) => a.offset - b.offset);
    for (const [i, { offset }] of sorted.entries()) {
      if (offset % INSN_BYTES !== 0) {
        throw new SpecError(`${where}: relocation at ${offset}, which is no instruction`);
      }
      if (offset === sorted[i - 1]?.offset) {
        throw new SpecError(`${where}: two relocations at ${offset}`);
      }
    }
    bySection.set(index, sorted);
  }
  return bySection;
}
