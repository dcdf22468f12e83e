import type { ConformanceGroup, Size, Width } from './insn.js';

/** The parts of an opcode byte, RFC 9669 section 3, and what the tables of forms share. */

export const cls = {
  LD: 0x00,
  LDX: 0x01,
  ST: 0x02,
  STX: 0x03,
  ALU: 0x04,
  JMP: 0x05,
  JMP32: 0x06,
  ALU64: 0x07,
} as const;
export const mode = { IMM: 0x00, MEM: 0x60, MEMSX: 0x80, ATOMIC: 0xc0 } as const;
export const sizeCode = { 1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18 } as const;
export const X = 0x08;

/** What most forms have in common; each form states the rest. */
export const common = { dst: 0, src: 0, off: 0, imm: 0, distance: undefined, version: 1 } as const;

export const sizes: readonly Size[] = [1, 2, 4, 8];
export const widths: readonly Width[] = [32, 64];
export const unsignedType = (size: Size) => `u${8 * size}`;
/** The kernel writes w0..w9 for 32-bit registers. */
export const letter = (width: Width) => (width === 32 ? 'w' : 'r');
export const base = (width: Width): ConformanceGroup => `base${width}`;
