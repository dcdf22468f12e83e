import { CheckedBytes } from './checkedBytes.js';
import { SHT_REL, SHT_RELA } from './constants.js';
import type { ElfSection } from './elfSection.js';
import type { ElfSymbol } from './elfSymbol.js';
import { ElfError } from './objectError.js';

const REL_BYTES = 16;

/** One `Elf64_Rel`: its addend is what the patched bytes hold already. */
export interface ElfRelocation {
  /** Offset in bytes in the section that is patched. */
  readonly offset: number;
  /** `R_BPF_*` */
  readonly type: number;
  readonly symbol: ElfSymbol;
}

/**
 * All relocations, in file order, by the index of the section they patch.
 *
 * @throws ElfError when an entry patches bytes outside its section or names no symbol, or a table is `SHT_RELA`, which
 * LLVM does not emit for BPF
 */
export function readElfRelocations(
  sections: readonly ElfSection[],
  symbols: readonly ElfSymbol[],
  fileName: string,
): Map<number, ElfRelocation[]> {
  const bySection = new Map<number, ElfRelocation[]>();
  for (const table of sections) {
    if (table.type !== SHT_REL && table.type !== SHT_RELA) continue;
    const where = `${fileName}: section ${table.name}`;
    if (table.type === SHT_RELA) {
      throw new ElfError(`${where}: expected SHT_REL relocations, found SHT_RELA`);
    }
    const target = sections[table.info];
    if (target === undefined) {
      throw new ElfError(
        `${where}: patches section ${table.info}, but there are ${sections.length}`,
      );
    }
    // Those of debugging sections are many and nobody reads them.
    if (target.name.startsWith('.debug')) continue;
    const found = readTable(table, target, symbols, where);
    const known = bySection.get(target.index);
    if (known === undefined) bySection.set(target.index, found);
    else for (const relocation of found) known.push(relocation);
  }
  return bySection;
}

function readTable(
  table: ElfSection,
  target: ElfSection,
  symbols: readonly ElfSymbol[],
  where: string,
): ElfRelocation[] {
  if (table.data.length % REL_BYTES !== 0) {
    throw new ElfError(
      `${where}: expected a multiple of ${REL_BYTES} bytes, found ${table.data.length}`,
    );
  }
  const bytes = new CheckedBytes(table.data, (message) => new ElfError(`${where}: ${message}`));
  return Array.from({ length: bytes.length / REL_BYTES }, (_, index) => {
    const at = index * REL_BYTES;
    const what = `relocation ${index}`;
    const offset = bytes.size64(at, `${what}: r_offset`);
    if (offset >= target.sizeBytes) {
      throw new ElfError(
        `${where}: ${what}: offset ${offset} is outside ${target.name} (${target.sizeBytes} bytes)`,
      );
    }
    const symbolIndex = bytes.u32(at + 12, what);
    const symbol = symbols[symbolIndex];
    if (symbol === undefined) {
      throw new ElfError(
        `${where}: ${what}: symbol ${symbolIndex} does not exist, there are ${symbols.length}`,
      );
    }
    return { offset, type: bytes.u32(at + 8, what), symbol };
  });
}
