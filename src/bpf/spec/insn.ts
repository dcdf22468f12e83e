/**
 * The few looks at raw instructions that relocation needs. `index` counts 8-byte slots.
 *
 *     | opcode (8) | dst (4, low) src (4, high) | off (16) | imm (32) |     little endian
 *
 * A 64-bit immediate load takes two slots; the second has opcode 0 and the high word in its imm.
 */
export const INSN_BYTES = 8;

/** BPF_LD | BPF_IMM | BPF_DW */
export const LD_IMM64 = 0x18;
/** BPF_JMP | BPF_CALL */
export const CALL = 0x85;

/** `src` of LD_IMM64 (include/uapi/linux/bpf.h). */
export const PSEUDO_MAP_FD = 1;
export const PSEUDO_MAP_VALUE = 2;
export const PSEUDO_BTF_ID = 3;
export const PSEUDO_FUNC = 4;
/** `src` of CALL; 0 is a helper. */
export const PSEUDO_CALL = 1;
export const PSEUDO_KFUNC_CALL = 2;

export function insnCount(code: Uint8Array): number {
  return code.length / INSN_BYTES;
}

export function opcodeOf(code: Uint8Array, index: number): number {
  return code[index * INSN_BYTES]!;
}

export function setOpcode(code: Uint8Array, index: number, opcode: number): void {
  code[index * INSN_BYTES] = opcode;
}

export function dstOf(code: Uint8Array, index: number): number {
  return code[index * INSN_BYTES + 1]! & 0xf;
}

export function srcOf(code: Uint8Array, index: number): number {
  return code[index * INSN_BYTES + 1]! >> 4;
}

export function setSrc(code: Uint8Array, index: number, src: number): void {
  code[index * INSN_BYTES + 1] = dstOf(code, index) | (src << 4);
}

export function offOf(code: Uint8Array, index: number): number {
  return viewOf(code).getInt16(index * INSN_BYTES + 2, true);
}

export function setOff(code: Uint8Array, index: number, off: number): void {
  viewOf(code).setInt16(index * INSN_BYTES + 2, off, true);
}

export function immOf(code: Uint8Array, index: number): number {
  return viewOf(code).getInt32(index * INSN_BYTES + 4, true);
}

export function setImm(code: Uint8Array, index: number, imm: number): void {
  viewOf(code).setInt32(index * INSN_BYTES + 4, imm, true);
}

/** The 64-bit immediate of LD_IMM64, unsigned. */
export function imm64Of(code: Uint8Array, index: number): bigint {
  return BigInt(immOf(code, index) >>> 0) | (BigInt(immOf(code, index + 1) >>> 0) << 32n);
}

export function setImm64(code: Uint8Array, index: number, value: bigint): void {
  setImm(code, index, Number(BigInt.asIntN(32, value)));
  setImm(code, index + 1, Number(BigInt.asIntN(32, value >> 32n)));
}

/** Whether a whole LD_IMM64, both slots, starts at `index`. */
export function isLdImm64(code: Uint8Array, index: number): boolean {
  return (
    index + 1 < insnCount(code) &&
    opcodeOf(code, index) === LD_IMM64 &&
    opcodeOf(code, index + 1) === 0
  );
}

export function isCall(code: Uint8Array, index: number): boolean {
  return index < insnCount(code) && opcodeOf(code, index) === CALL;
}

function viewOf(code: Uint8Array): DataView {
  return new DataView(code.buffer, code.byteOffset, code.byteLength);
}
