import type { AluOp, AtomicOp, Condition, SemanticsOf } from '../isa/insn.js';

/** RFC 9669 section 4 as functions. 64-bit operands are unsigned bigints, 32-bit ones unsigned numbers. */

const signed64 = (value: bigint) => BigInt.asIntN(64, value);

/** Results may exceed 64 bits: the register that they are stored into truncates. */
export const alu64: Readonly<Record<AluOp, (dst: bigint, src: bigint) => bigint>> = {
  add: (dst, src) => dst + src,
  sub: (dst, src) => dst - src,
  mul: (dst, src) => dst * src,
  div: (dst, src) => (src === 0n ? 0n : dst / src),
  sdiv: (dst, src) => (src === 0n ? 0n : signed64(dst) / signed64(src)),
  or: (dst, src) => dst | src,
  and: (dst, src) => dst & src,
  lsh: (dst, src) => dst << (src & 63n),
  rsh: (dst, src) => dst >> (src & 63n),
  mod: (dst, src) => (src === 0n ? dst : dst % src),
  smod: (dst, src) => (src === 0n ? dst : signed64(dst) % signed64(src)),
  xor: (dst, src) => dst ^ src,
  mov: (_, src) => src,
  arsh: (dst, src) => signed64(dst) >> (src & 63n),
};

/** Results are truncated to 32 bits, unsigned, by who calls. JavaScript masks shift counts by 31 itself. */
export const alu32: Readonly<Record<AluOp, (dst: number, src: number) => number>> = {
  add: (dst, src) => dst + src,
  sub: (dst, src) => dst - src,
  mul: (dst, src) => Math.imul(dst, src),
  div: (dst, src) => (src === 0 ? 0 : Math.floor(dst / src)),
  sdiv: (dst, src) => (src === 0 ? 0 : Math.trunc((dst | 0) / (src | 0))),
  or: (dst, src) => dst | src,
  and: (dst, src) => dst & src,
  lsh: (dst, src) => dst << src,
  rsh: (dst, src) => dst >>> src,
  mod: (dst, src) => (src === 0 ? dst : dst % src),
  smod: (dst, src) => (src === 0 ? dst : (dst | 0) % (src | 0)),
  xor: (dst, src) => dst ^ src,
  mov: (_, src) => src,
  arsh: (dst, src) => (dst | 0) >> src,
};

/** Operands are unsigned 64-bit, or zero-extended 32-bit ones; `bits` says where their sign is. */
export const conditions: Readonly<
  Record<Condition, (dst: bigint, src: bigint, bits: number) => boolean>
> = {
  eq: (dst, src) => dst === src,
  ne: (dst, src) => dst !== src,
  set: (dst, src) => (dst & src) !== 0n,
  gt: (dst, src) => dst > src,
  ge: (dst, src) => dst >= src,
  lt: (dst, src) => dst < src,
  le: (dst, src) => dst <= src,
  sgt: (dst, src, bits) => BigInt.asIntN(bits, dst) > BigInt.asIntN(bits, src),
  sge: (dst, src, bits) => BigInt.asIntN(bits, dst) >= BigInt.asIntN(bits, src),
  slt: (dst, src, bits) => BigInt.asIntN(bits, dst) < BigInt.asIntN(bits, src),
  sle: (dst, src, bits) => BigInt.asIntN(bits, dst) <= BigInt.asIntN(bits, src),
};

/** What an atomic operation stores, from what it finds; `expected` is r0. */
export const atomics: Readonly<
  Record<AtomicOp, (old: bigint, src: bigint, expected: bigint) => bigint>
> = {
  add: (old, src) => old + src,
  or: (old, src) => old | src,
  and: (old, src) => old & src,
  xor: (old, src) => old ^ src,
  xchg: (_, src) => src,
  cmpxchg: (old, src, expected) => (old === expected ? src : old),
};

/** Section 4.2, on a little-endian machine: `le` only truncates. */
export function swapBytes(value: bigint, { order, bits }: SemanticsOf<'swap'>): bigint {
  const low = BigInt.asUintN(bits, value);
  if (order === 'le') return low;
  let swapped = 0n;
  for (let shift = 0; shift < bits; shift += 8)
    swapped = (swapped << 8n) | ((low >> BigInt(shift)) & 0xffn);
  return swapped;
}
