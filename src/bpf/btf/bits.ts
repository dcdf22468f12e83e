/**
 * An unsigned integer of `bits` bits that starts `bitOffset` bits into little-endian `bytes`, at most 136 bits wide with
 * what precedes it in its first byte.
 */
export function readBits(bytes: Uint8Array, bitOffset: number, bits: number): bigint {
  const first = bitOffset >>> 3;
  const end = (bitOffset + bits + 7) >>> 3;
  let value = 0n;
  for (let i = end - 1; i >= first; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return BigInt.asUintN(bits, value >> BigInt(bitOffset & 7));
}

/** Stores the low `bits` bits of `value` where `readBits` finds them; bits around them stay. */
export function writeBits(bytes: Uint8Array, bitOffset: number, bits: number, value: bigint): void {
  const first = bitOffset >>> 3;
  const end = (bitOffset + bits + 7) >>> 3;
  const shift = BigInt(bitOffset & 7);
  const mask = ((1n << BigInt(bits)) - 1n) << shift;
  const stored = BigInt.asUintN(bits, value) << shift;
  for (let i = first; i < end; i++) {
    const at = BigInt((i - first) * 8);
    const keep = BigInt(bytes[i]!) & ~(mask >> at);
    bytes[i] = Number((keep | (stored >> at)) & 0xffn);
  }
}
