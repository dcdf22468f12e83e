import { CheckedBytes } from './checkedBytes.js';
import { readElfHeader } from './elfHeader.js';
import { type ElfRelocation, readElfRelocations } from './elfRelocation.js';
import { type ElfSection, readElfSections } from './elfSection.js';
import { type ElfSymbol, readElfSymbols } from './elfSymbol.js';
import { ElfError } from './objectError.js';

/** A relocatable BPF object as the ELF container describes it; nothing is interpreted yet. */
export interface ElfFile {
  /** As given to `readElf`; every error names it. */
  readonly name: string;
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
  /** Relocations by index of the section they patch, without those of debugging sections. */
  readonly relocations: ReadonlyMap<number, readonly ElfRelocation[]>;
}

/**
 * Reads an ELF64 little-endian relocatable file for EM_BPF. Section data are views of `bytes`.
 *
 * @param name what to call the file in errors
 * @throws TypeError when `bytes` is no `Uint8Array`
 * @throws ElfError naming section, symbol or offset, what was expected and what was found
 */
export function readElf(bytes: Uint8Array, name: string): ElfFile {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`${name}: expected the file as Uint8Array`);
  }
  const file = new CheckedBytes(bytes, (message) => new ElfError(`${name}: ${message}`));
  const sections = readElfSections(file, readElfHeader(file, name), name);
  const symbols = readElfSymbols(sections, name);
  const relocations = readElfRelocations(sections, symbols, name);
  return { name, sections, symbols, relocations };
}
