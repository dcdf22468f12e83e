/** An unsigned 64-bit quantity as both trace formats write it: a number below 2^53, `"0x..."` from there on. */
export type U64 = number | string;

export function u64(value: U64): bigint {
  return BigInt.asUintN(64, BigInt(value));
}
