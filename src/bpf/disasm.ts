import type { Insn } from './isa/decode.js';

/** Names that the instructions alone do not hold. Each may return undefined: then the kernel's own default is printed. */
export interface DisassemblerNames {
  /** `bpf_map_lookup_elem` for 1. */
  readonly helper?: (id: number) => string | undefined;
  /** Name of the kernel function that a call with source 2 means. */
  readonly kfunc?: (insn: Insn) => string | undefined;
  /** What an LDDW of an address shows instead of the number, such as `map[id:3]`. */
  readonly address?: (insn: Insn) => string | undefined;
}

/** One line as `kernel/bpf/disasm.c:print_bpf_insn` writes it, such as `(bf) r6 = r1`. */
export function formatInsn(insn: Insn, names: DisassemblerNames = {}): string {
  const { form } = insn;
  const opcode = form.opcode.toString(16).padStart(2, '0');
  const text = form.text.replace(/\{(\w+)\}/g, (_, field: string) =>
    formatField(field, insn, names),
  );
  return `(${opcode}) ${text}`;
}

/** Numbered lines as `bpftool prog dump xlated` prints them. */
export function disassemble(insns: readonly Insn[], names: DisassemblerNames = {}): string[] {
  return insns.map((insn) => `${String(insn.slot).padStart(4)}: ${formatInsn(insn, names)}`);
}

function formatField(field: string, insn: Insn, names: DisassemblerNames): string {
  switch (field) {
    case 'dst':
      return String(insn.dst);
    case 'src':
      return String(insn.src);
    case 'imm':
      return String(insn.imm);
    case 'hex':
      return `0x${(insn.imm >>> 0).toString(16)}`;
    case 'imm64':
      return names.address?.(insn) ?? `0x${insn.imm64.toString(16)}`;
    case 'off':
      return signed(insn.off);
    case 'distance':
      return signed(insn[insn.form.distance!]);
    case 'helper':
      return insn.src === 0
        ? (names.helper?.(insn.imm) ?? 'unknown')
        : (names.kfunc?.(insn) ?? 'kernel-function');
    default:
      throw new RangeError(`template of opcode ${insn.form.opcode}: unknown field {${field}}`);
  }
}

function signed(value: number): string {
  return value < 0 ? String(value) : `+${value}`;
}
