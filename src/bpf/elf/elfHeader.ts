import type { CheckedBytes } from './checkedBytes.js';
import { EI_CLASS, EI_DATA, ELFCLASS64, ELFDATA2LSB, EM_BPF, ET_REL } from './constants.js';
import { ElfError } from './objectError.js';

const MAGIC = [0x7f, 0x45, 0x4c, 0x46];
const SECTION_HEADER_BYTES = 64;

/** What the reader needs of `Elf64_Ehdr`. */
export interface ElfHeader {
  readonly sectionHeadersOffset: number;
  readonly sectionCount: number;
  readonly sectionNamesIndex: number;
}

/**
 * Reads `Elf64_Ehdr` and refuses all but relocatable, 64-bit, little-endian BPF files.
 *
 * @throws ElfError naming the field, what was expected and what was found
 */
export function readElfHeader(file: CheckedBytes, name: string): ElfHeader {
  if (MAGIC.some((byte, i) => file.bytes[i] !== byte)) {
    throw new ElfError(`${name}: not an ELF file: expected 7f 45 4c 46 at its start`);
  }
  const expect = (what: string, found: number, wanted: number, meaning: string) => {
    if (found !== wanted) {
      throw new ElfError(`${name}: ${what} is ${found}, expected ${wanted} (${meaning})`);
    }
  };
  expect('ELF class', file.u8(EI_CLASS, 'e_ident'), ELFCLASS64, '64-bit');
  expect(
    'ELF data encoding',
    file.u8(EI_DATA, 'e_ident'),
    ELFDATA2LSB,
    'little endian: build with -target bpfel',
  );
  expect('e_type', file.u16(16, 'e_type'), ET_REL, 'a relocatable object: build with clang -c');
  expect('e_machine', file.u16(18, 'e_machine'), EM_BPF, 'BPF: build with clang -target bpf');
  expect('e_shentsize', file.u16(58, 'e_shentsize'), SECTION_HEADER_BYTES, 'Elf64_Shdr');
  return {
    sectionHeadersOffset: file.size64(40, 'e_shoff'),
    sectionCount: file.u16(60, 'e_shnum'),
    sectionNamesIndex: file.u16(62, 'e_shstrndx'),
  };
}
