import type { Btf } from '../../btf/btf.js';
import {
  CALL,
  dstOf,
  INSN_BYTES,
  imm64Of,
  immOf,
  isLdImm64,
  offOf,
  opcodeOf,
  setImm,
  setImm64,
  setOff,
  setOpcode,
  srcOf,
} from '../insn.js';
import { SpecError } from '../specError.js';
import type { RelocatedValue } from './relocatedValue.js';

/** Helper number of a poisoned instruction, libbpf's 0xbad2310 ("bad relo"): reaching it is an error. */
export const POISON_CORE = 195896080;

const CLASS_MASK = 0x07;
const LD = 0;
const LDX = 1;
const ST = 2;
const STX = 3;
const ALU = 4;
const ALU64 = 7;
const SOURCE_REGISTER = 0x08;
const SIZE_MASK = 0x18;
/** BPF_W, BPF_H, BPF_B, BPF_DW by size in bytes. */
const SIZE_BITS: ReadonlyMap<number, number> = new Map([
  [4, 0x00],
  [2, 0x08],
  [1, 0x10],
  [8, 0x18],
]);

/** A value with the BTF that its type is in. */
export interface TypedValue extends RelocatedValue {
  readonly btf: Btf;
}

/** Replaces an instruction by a call of a helper that does not exist (libbpf's `bpf_core_poison_insn`). */
export function poison(code: Uint8Array, index: number): void {
  const slots = isLdImm64(code, index) ? 2 : 1;
  for (let i = index; i < index + slots; i++) {
    code.fill(0, i * INSN_BYTES, (i + 1) * INSN_BYTES);
    setOpcode(code, i, CALL);
    setImm(code, i, POISON_CORE);
  }
}

/**
 * Changes the number in an instruction from its local to its target value (libbpf's `bpf_core_patch_insn`).
 *
 * @returns false when a load or store would read the target's field wrongly, so that it has to be poisoned
 * @throws SpecError when the instruction does not hold the local value or cannot hold the target's
 */
export function patchCore(
  code: Uint8Array,
  index: number,
  local: TypedValue,
  target: TypedValue,
): boolean {
  switch (opcodeOf(code, index) & CLASS_MASK) {
    case ALU:
    case ALU64:
      patchImmediate(code, index, local, target.value);
      return true;
    case LDX:
    case ST:
    case STX:
      return patchAccess(code, index, local, target);
    case LD:
      patchImmediate64(code, index, local, target.value);
      return true;
    default:
      throw new SpecError(
        `CO-RE relocation of opcode 0x${opcodeOf(code, index).toString(16)}, which has no field to patch`,
      );
  }
}

function patchImmediate(
  code: Uint8Array,
  index: number,
  local: RelocatedValue,
  value: bigint,
): void {
  if ((opcodeOf(code, index) & SOURCE_REGISTER) !== 0) {
    throw new SpecError('CO-RE relocation of an instruction without an immediate');
  }
  expectLocal(local, BigInt.asIntN(32, local.value), BigInt(immOf(code, index)));
  setImm(code, index, Number(BigInt.asIntN(32, value)));
}

function patchImmediate64(
  code: Uint8Array,
  index: number,
  local: RelocatedValue,
  value: bigint,
): void {
  const plain =
    isLdImm64(code, index) &&
    srcOf(code, index) === 0 &&
    offOf(code, index) === 0 &&
    srcOf(code, index + 1) === 0 &&
    dstOf(code, index + 1) === 0 &&
    offOf(code, index + 1) === 0;
  if (!plain) throw new SpecError('CO-RE relocation of a load that is no plain 64-bit immediate');
  expectLocal(local, local.value, imm64Of(code, index));
  setImm64(code, index, value);
}

function patchAccess(
  code: Uint8Array,
  index: number,
  local: TypedValue,
  target: TypedValue,
): boolean {
  expectLocal(local, local.value, BigInt(offOf(code, index)));
  if (target.value > 0x7fffn) {
    throw new SpecError(`CO-RE offset ${target.value} does not fit in 15 bits`);
  }
  const resized = local.sizeBytes !== target.sizeBytes;
  if (resized && !canResize(local, target)) return false;
  setOff(code, index, Number(target.value));
  if (resized) resizeAccess(code, index, local.sizeBytes, target.sizeBytes);
  return true;
}

/** A load of another size keeps the value only if it is zero-extended: pointers and unsigned integers. */
function canResize(local: TypedValue, target: TypedValue): boolean {
  const a = local.btf.type(local.typeId);
  const b = target.btf.type(target.typeId);
  if (a.kind === 'ptr' && b.kind === 'ptr') return true;
  return a.kind === 'int' && b.kind === 'int' && !a.signed && !b.signed;
}

function resizeAccess(code: Uint8Array, index: number, fromBytes: number, toBytes: number): void {
  const opcode = opcodeOf(code, index);
  if ((opcode & SIZE_MASK) !== SIZE_BITS.get(fromBytes)) {
    throw new SpecError(
      `CO-RE relocation of a field of ${fromBytes} bytes at an access of another size`,
    );
  }
  const bits = SIZE_BITS.get(toBytes);
  if (bits === undefined) {
    throw new SpecError(`CO-RE field of ${toBytes} bytes, expected 1, 2, 4 or 8`);
  }
  setOpcode(code, index, (opcode & ~SIZE_MASK) | bits);
}

function expectLocal({ validate }: RelocatedValue, expected: bigint, found: bigint): void {
  if (validate && expected !== found) {
    throw new SpecError(`CO-RE relocation expects ${expected} in the instruction, found ${found}`);
  }
}
