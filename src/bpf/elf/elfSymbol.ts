import { CheckedBytes } from './checkedBytes.js';
import { SHN_LORESERVE, SHT_STRTAB, SHT_SYMTAB, STT_SECTION } from './constants.js';
import type { ElfSection } from './elfSection.js';
import { ElfError } from './objectError.js';
import { StringTable } from './stringTable.js';

const SYMBOL_BYTES = 24;

/** One `Elf64_Sym`. */
export interface ElfSymbol {
  readonly index: number;
  /** Section symbols have no name of their own and carry their section's. */
  readonly name: string;
  /** `STB_*` */
  readonly binding: number;
  /** `STT_*` */
  readonly type: number;
  /** `SHN_UNDEF`, a section index, or a special one from `SHN_LORESERVE` on. */
  readonly sectionIndex: number;
  /** Offset in bytes from the start of the section. */
  readonly value: number;
  readonly sizeBytes: number;
}

/**
 * Reads the symbol table. An object without one has no programs, so that is an error.
 *
 * @throws ElfError when the table is missing or doubled, or a symbol names a section or string that does not exist
 */
export function readElfSymbols(sections: readonly ElfSection[], fileName: string): ElfSymbol[] {
  const tables = sections.filter((section) => section.type === SHT_SYMTAB);
  const [table] = tables;
  if (table === undefined || tables.length > 1) {
    throw new ElfError(`${fileName}: expected one symbol table, found ${tables.length}`);
  }
  const where = `${fileName}: section ${table.name}`;
  const strings = sections[table.link];
  if (strings?.type !== SHT_STRTAB) {
    throw new ElfError(`${where}: sh_link is ${table.link}, which is no string table`);
  }
  if (table.data.length % SYMBOL_BYTES !== 0) {
    throw new ElfError(
      `${where}: expected a multiple of ${SYMBOL_BYTES} bytes, found ${table.data.length}`,
    );
  }
  const fail = (message: string) => new ElfError(`${where}: ${message}`);
  const names = new StringTable(strings.data, fail);
  const bytes = new CheckedBytes(table.data, fail);
  return Array.from({ length: table.data.length / SYMBOL_BYTES }, (_, index) =>
    readSymbol(bytes, index, names, sections, fail),
  );
}

function readSymbol(
  bytes: CheckedBytes,
  index: number,
  names: StringTable,
  sections: readonly ElfSection[],
  fail: (message: string) => ElfError,
): ElfSymbol {
  const at = index * SYMBOL_BYTES;
  const what = `symbol ${index}`;
  const info = bytes.u8(at + 4, what);
  const type = info & 0xf;
  const sectionIndex = bytes.u16(at + 6, what);
  if (sectionIndex >= sections.length && sectionIndex < SHN_LORESERVE) {
    throw fail(`${what}: in section ${sectionIndex}, but there are ${sections.length}`);
  }
  const ownName = names.at(bytes.u32(at, what));
  return {
    index,
    name: type === STT_SECTION && ownName === '' ? (sections[sectionIndex]?.name ?? '') : ownName,
    binding: info >> 4,
    type,
    sectionIndex,
    value: bytes.size64(at + 8, `${what}: st_value`),
    sizeBytes: bytes.size64(at + 16, `${what}: st_size`),
  };
}
