import type { CheckedBytes } from './checkedBytes.js';
import { SHT_NOBITS, SHT_STRTAB } from './constants.js';
import type { ElfHeader } from './elfHeader.js';
import { ElfError } from './objectError.js';
import { StringTable } from './stringTable.js';

const SECTION_HEADER_BYTES = 64;
const SHT_NULL = 0;

/** One `Elf64_Shdr` with its bytes. */
export interface ElfSection {
  readonly index: number;
  readonly name: string;
  /** `SHT_*` */
  readonly type: number;
  /** The low word of `sh_flags`; every `SHF_*` that matters here is in it. */
  readonly flags: number;
  /** For `SHT_NOBITS` (`.bss`) the size in memory, which the file does not back: check it before allocating. */
  readonly sizeBytes: number;
  readonly link: number;
  readonly info: number;
  /** A view of the file, not a copy; empty for `SHT_NOBITS`. */
  readonly data: Uint8Array;
}

type RawSection = Omit<ElfSection, 'name'> & { readonly nameOffset: number };

/**
 * Reads all section headers.
 *
 * @throws ElfError when a header, a name or a section's bytes lie outside the file
 */
export function readElfSections(file: CheckedBytes, header: ElfHeader, name: string): ElfSection[] {
  const raw: RawSection[] = [];
  for (let index = 0; index < header.sectionCount; index++) {
    raw.push(readSection(file, header, index));
  }
  refuseOverlap(raw, file.length, name);
  const namesSection = raw[header.sectionNamesIndex];
  if (namesSection?.type !== SHT_STRTAB) {
    throw new ElfError(
      `${name}: e_shstrndx is ${header.sectionNamesIndex}, which is no string table`,
    );
  }
  const names = new StringTable(
    namesSection.data,
    (message) => new ElfError(`${name}: section names: ${message}`),
  );
  return raw.map(({ nameOffset, ...section }) => ({ ...section, name: names.at(nameOffset) }));
}

/**
 * Sections must not overlap (ELF specification). Held to it, no file can make the reader do more than linear work by
 * pointing many headers at the same bytes.
 */
function refuseOverlap(sections: readonly RawSection[], fileBytes: number, name: string): void {
  const total = sections.reduce((sum, section) => sum + section.data.length, 0);
  if (total > fileBytes) {
    throw new ElfError(
      `${name}: sections overlap: ${total} bytes in all, the file has ${fileBytes}`,
    );
  }
}

function readSection(file: CheckedBytes, header: ElfHeader, index: number): RawSection {
  const at = header.sectionHeadersOffset + index * SECTION_HEADER_BYTES;
  const what = `section header ${index}`;
  file.range(at, SECTION_HEADER_BYTES, what);
  const type = file.u32(at + 4, what);
  const offset = file.size64(at + 24, `${what}: sh_offset`);
  const sizeBytes = file.size64(at + 32, `${what}: sh_size`);
  const inFile = type !== SHT_NOBITS && type !== SHT_NULL;
  return {
    index,
    nameOffset: file.u32(at, what),
    type,
    flags: file.u32(at + 8, what),
    sizeBytes,
    link: file.u32(at + 40, what),
    info: file.u32(at + 44, what),
    data: inFile ? file.range(offset, sizeBytes, `section ${index}`) : new Uint8Array(0),
  };
}
