/**
 * A signed 64-bit integer: a number where that is exact, a bigint beyond. One value has one form, so `===` compares and
 * a `Map` finds. Numbers because programs run on the main thread for every event: counts, errnos and nanoseconds stay
 * below 2^53, where a sum costs a comparison more than JavaScript's own, and a bigint's some fifty times that.
 */
export type Int64 = number | bigint;

const MAX = Number.MAX_SAFE_INTEGER;

/** `value` modulo 2^64. */
export function int64(value: bigint): Int64 {
  const wrapped = BigInt.asIntN(64, value);
  return wrapped <= MAX && wrapped >= -MAX ? Number(wrapped) : wrapped;
}

const isExact = (value: number): boolean => value <= MAX && value >= -MAX;
const isInt32 = (value: Int64): value is number =>
  typeof value === 'number' && value === (value | 0);

export function add(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number' && isExact(a + b)) return a + b;
  return int64(BigInt(a) + BigInt(b));
}

export function subtract(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number' && isExact(a - b)) return a - b;
  return int64(BigInt(a) - BigInt(b));
}

export function multiply(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number' && isExact(a * b)) return a * b;
  return int64(BigInt(a) * BigInt(b));
}

/** Unsigned, as BPF divides; by 0 it gives 0. */
export function divide(a: Int64, b: Int64): Int64 {
  if (b === 0) return 0;
  if (typeof a === 'number' && typeof b === 'number' && a >= 0 && b > 0) return (a - (a % b)) / b;
  return int64(BigInt.asUintN(64, BigInt(a)) / BigInt.asUintN(64, BigInt(b)));
}

/** Unsigned, as BPF's; by 0 it gives `a`. */
export function modulo(a: Int64, b: Int64): Int64 {
  if (b === 0) return a;
  if (typeof a === 'number' && typeof b === 'number' && a >= 0 && b > 0) return a % b;
  return int64(BigInt.asUintN(64, BigInt(a)) % BigInt.asUintN(64, BigInt(b)));
}

/** Towards zero, as C divides signed integers. */
export function divideSigned(a: Int64, b: Int64): Int64 {
  return b === 0 ? 0 : int64(BigInt(a) / BigInt(b));
}

export function and(a: Int64, b: Int64): Int64 {
  return isInt32(a) && isInt32(b) ? a & b : int64(BigInt(a) & BigInt(b));
}

export function or(a: Int64, b: Int64): Int64 {
  return isInt32(a) && isInt32(b) ? a | b : int64(BigInt(a) | BigInt(b));
}

export function xor(a: Int64, b: Int64): Int64 {
  return isInt32(a) && isInt32(b) ? a ^ b : int64(BigInt(a) ^ BigInt(b));
}

export function shiftLeft(a: Int64, b: Int64): Int64 {
  return int64(BigInt(a) << BigInt.asUintN(6, BigInt(b)));
}

/** Without the sign, as bpftrace compiles it. */
export function shiftRight(a: Int64, b: Int64): Int64 {
  return int64(BigInt.asUintN(64, BigInt(a)) >> BigInt.asUintN(6, BigInt(b)));
}

export function negate(a: Int64): Int64 {
  return subtract(0, a);
}

export function invert(a: Int64): Int64 {
  return subtract(-1, a);
}

/** The number that the 64 bits are without a sign. */
export function unsigned(a: Int64): Int64 {
  return a >= 0 ? a : BigInt.asUintN(64, BigInt(a));
}

export function isLess(a: Int64, b: Int64, isSigned: boolean): boolean {
  return isSigned ? a < b : unsigned(a) < unsigned(b);
}

/** `a` cut to `bytes`, with or without a sign. */
export function truncate(a: Int64, bytes: number, isSigned: boolean): Int64 {
  if (bytes === 8) return a;
  const bits = bytes * 8;
  return Number(isSigned ? BigInt.asIntN(bits, BigInt(a)) : BigInt.asUintN(bits, BigInt(a)));
}

export function intText(a: Int64, isSigned: boolean): string {
  return String(isSigned ? a : unsigned(a));
}
