import { BpfProgramError } from './error.js';
import {
  type FieldRule,
  FRAME_POINTER,
  type InsnForm,
  REGISTERS,
  type RegisterRule,
  SLOT_BYTES,
  slotsOf,
} from './insn.js';
import { cls } from './opcode.js';
import { formsByOpcode } from './table.js';

/** One decoded instruction. */
export interface Insn {
  readonly form: InsnForm;
  /** Index of its first 8-byte slot: the kernel's instruction number, and that of line information. */
  readonly slot: number;
  readonly dst: number;
  readonly src: number;
  readonly off: number;
  readonly imm: number;
  /** The immediate as a 64-bit operation sees it: sign-extended, or LDDW's two halves; as an unsigned number. */
  readonly imm64: bigint;
}

const CALLX = 0x8d;
const MODE_ABS = 0x20;
const MODE_IND = 0x40;

interface Fields {
  readonly opcode: number;
  readonly dst: number;
  readonly src: number;
  readonly off: number;
  readonly imm: number;
}

/**
 * Decodes instruction bytes and checks each instruction by itself, as the kernel does: known opcode, reserved fields
 * zero, registers that exist, r10 never written. Where jumps lead is `loadProgram`'s to check.
 *
 * @throws {BpfProgramError} names the instruction, what was expected and what was found
 */
export function decode(bytes: Uint8Array): Insn[] {
  if (bytes.length === 0 || bytes.length % SLOT_BYTES !== 0)
    throw new RangeError(
      `program: expected a positive multiple of ${SLOT_BYTES} bytes, found ${bytes.length}`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const slots = bytes.length / SLOT_BYTES;
  const insns: Insn[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const fields = readSlot(view, slot);
    const form = selectForm(fields, slot);
    checkRegister(form.dst, fields.dst, slot);
    checkRegister(form.src, fields.src, slot);
    const { dst, src, off, imm } = fields;
    if (slotsOf(form) === 2) {
      const imm64 = (BigInt(readHighHalf(view, slot, slots)) << 32n) | BigInt(imm >>> 0);
      insns.push({ form, slot, dst, src, off, imm, imm64: BigInt.asUintN(64, imm64) });
      slot++;
    } else {
      insns.push({ form, slot, dst, src, off, imm, imm64: BigInt.asUintN(64, BigInt(imm)) });
    }
  }
  return insns;
}

function readSlot(view: DataView, slot: number): Fields {
  const at = slot * SLOT_BYTES;
  const registers = view.getUint8(at + 1);
  return {
    opcode: view.getUint8(at),
    dst: registers & 0x0f,
    src: registers >> 4,
    off: view.getInt16(at + 2, true),
    imm: view.getInt32(at + 4, true),
  };
}

/** kernel/bpf/verifier.c:resolve_pseudo_ldimm64: all of the second slot but its immediate must be 0. */
function readHighHalf(view: DataView, slot: number, slots: number): number {
  if (slot + 1 >= slots)
    throw new BpfProgramError(slot, 'invalid bpf_ld_imm64 insn: its second slot is missing');
  const { opcode, dst, src, off, imm } = readSlot(view, slot + 1);
  if (opcode !== 0 || dst !== 0 || src !== 0 || off !== 0)
    throw new BpfProgramError(
      slot,
      `invalid bpf_ld_imm64 insn: expected a second slot of zeros but for the immediate, ` +
        `found opcode ${hex(opcode)}, dst ${dst}, src ${src}, off ${off}`,
    );
  return imm;
}

function selectForm(fields: Fields, slot: number): InsnForm {
  const forms = formsByOpcode[fields.opcode]!;
  for (const form of forms) if (fits(form, fields)) return form;
  const code = hex(fields.opcode);
  if (forms.length === 0)
    throw new BpfProgramError(slot, `unknown opcode ${code}${whyUnknown(fields.opcode)}`);
  throw new BpfProgramError(
    slot,
    `opcode ${code} uses reserved fields: expected ${expectedFields(forms)}, ` +
      `found dst ${fields.dst}, src ${fields.src}, off ${fields.off}, imm ${fields.imm}`,
  );
}

function fits(form: InsnForm, { dst, src, off, imm }: Fields): boolean {
  return (
    (typeof form.dst === 'string' || form.dst === dst) &&
    (typeof form.src === 'string' || form.src === src) &&
    (form.off === 'any' || form.off === off) &&
    (form.imm === 'any' || form.imm === imm)
  );
}

function whyUnknown(opcode: number): string {
  if (opcode === CALLX) return ' (callx: the kernel has no calls by register)';
  const mode = opcode & 0xe0;
  const isLegacyLoad = (opcode & 0x07) === cls.LD && (mode === MODE_ABS || mode === MODE_IND);
  return isLegacyLoad ? ' (BPF_LD_[ABS|IND]: not allowed in XDP programs)' : '';
}

/** The fixed fields of an opcode's forms, for an error message: `src 0, off 0 or 1`. */
function expectedFields(forms: readonly InsnForm[]): string {
  return (['dst', 'src', 'off', 'imm'] as const)
    .map((field) => [field, forms.map((form): RegisterRule | FieldRule => form[field])] as const)
    .filter(([, rules]) => rules.every((rule) => typeof rule === 'number'))
    .map(([field, rules]) => `${field} ${[...new Set(rules)].join(' or ')}`)
    .join(', ');
}

function checkRegister(rule: RegisterRule, register: number, slot: number): void {
  if (typeof rule === 'number') return;
  if (register >= REGISTERS)
    throw new BpfProgramError(slot, `R${register} is invalid: expected r0..r${REGISTERS - 1}`);
  if (register === FRAME_POINTER && rule !== 'read')
    throw new BpfProgramError(slot, 'frame pointer is read only: found a write to r10');
}

function hex(opcode: number): string {
  return `0x${opcode.toString(16).padStart(2, '0')}`;
}
