import type { Btf } from '../btf/btf.js';
import { type BtfExt, EMPTY_BTF_EXT, parseBtfExt } from '../btf/btfExt.js';
import { parseBtf } from '../btf/parseBtf.js';
import { SHF_EXECINSTR, SHT_PROGBITS } from '../elf/constants.js';
import type { ElfSection } from '../elf/elfSection.js';
import type { ElfSymbol } from '../elf/elfSymbol.js';
import { type ElfFile, readElf } from '../elf/readElf.js';

/** An object file taken apart: what all steps of `loadObjectSpec` read from. */
export interface ObjectSource {
  readonly file: ElfFile;
  readonly btf: Btf | undefined;
  readonly ext: BtfExt;
  /** By index of the section, in order of place. */
  readonly symbolsBySection: ReadonlyMap<number, readonly ElfSymbol[]>;
}

/** @throws ElfError, BtfError when the container or the type information is broken */
export function openObject(bytes: Uint8Array, name: string): ObjectSource {
  const file = readElf(bytes, name);
  const btfSection = findSection(file, '.BTF');
  const extSection = findSection(file, '.BTF.ext');
  const btf = btfSection && parseBtf(btfSection.data, name);
  const ext = btf && extSection ? parseBtfExt(extSection.data, btf) : EMPTY_BTF_EXT;
  const symbolsBySection = new Map<number, ElfSymbol[]>();
  for (const symbol of file.symbols) {
    const known = symbolsBySection.get(symbol.sectionIndex);
    if (known === undefined) symbolsBySection.set(symbol.sectionIndex, [symbol]);
    else known.push(symbol);
  }
  for (const symbols of symbolsBySection.values()) symbols.sort((a, b) => a.value - b.value);
  return { file, btf, ext, symbolsBySection };
}

export function findSection(file: ElfFile, name: string): ElfSection | undefined {
  return file.sections.find((section) => section.name === name);
}

export function isCodeSection(section: ElfSection): boolean {
  return section.type === SHT_PROGBITS && (section.flags & SHF_EXECINSTR) !== 0;
}

/** The text of a section that holds one string, up to its NUL. */
export function sectionText(section: ElfSection | undefined): string {
  if (section === undefined) return '';
  const end = section.data.indexOf(0);
  return Buffer.from(end < 0 ? section.data : section.data.subarray(0, end)).toString('latin1');
}
