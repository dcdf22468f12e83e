/** Numbers of the ELF specification (System V ABI, "Object Files") and of LLVM's BPF target (`BPF.def`). */

export const EM_BPF = 247;
export const ET_REL = 1;

/** Byte offsets in `e_ident`. */
export const EI_CLASS = 4;
export const EI_DATA = 5;
export const ELFCLASS64 = 2;
export const ELFDATA2LSB = 1;

export const SHT_PROGBITS = 1;
export const SHT_SYMTAB = 2;
export const SHT_STRTAB = 3;
export const SHT_RELA = 4;
export const SHT_NOBITS = 8;
export const SHT_REL = 9;

export const SHF_EXECINSTR = 4;

export const SHN_UNDEF = 0;
/** From here on a section index has a special meaning (absolute, common). */
export const SHN_LORESERVE = 0xff00;

export const STT_NOTYPE = 0;
export const STT_OBJECT = 1;
export const STT_FUNC = 2;
export const STT_SECTION = 3;

export const STB_LOCAL = 0;
export const STB_WEAK = 2;

/** 64-bit immediate of a two-slot load: a map, data, or the address of a function. */
export const R_BPF_64_64 = 1;
/** A plain 64-bit address in data: a slot of a map's `values`. */
export const R_BPF_64_ABS64 = 2;
/** The immediate of a call. */
export const R_BPF_64_32 = 10;
