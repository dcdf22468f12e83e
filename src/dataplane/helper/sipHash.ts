/** SipHash-2-4 (lib/siphash.c), a word at a time. */

let v0: u64 = 0;
let v1: u64 = 0;
let v2: u64 = 0;
let v3: u64 = 0;

export function sipBegin(key0: u64, key1: u64): void {
  v0 = 0x736f6d6570736575 ^ key0;
  v1 = 0x646f72616e646f6d ^ key1;
  v2 = 0x6c7967656e657261 ^ key0;
  v3 = 0x7465646279746573 ^ key1;
}

function round(): void {
  v0 += v1;
  v1 = rotl(v1, 13) ^ v0;
  v0 = rotl(v0, 32);
  v2 += v3;
  v3 = rotl(v3, 16) ^ v2;
  v0 += v3;
  v3 = rotl(v3, 21) ^ v0;
  v2 += v1;
  v1 = rotl(v1, 17) ^ v2;
  v2 = rotl(v2, 32);
}

export function sipWord(word: u64): void {
  v3 ^= word;
  round();
  round();
  v0 ^= word;
}

/** The hash of `bytes` bytes, all of whose words have been given. */
export function sipEnd(bytes: u32): u64 {
  sipWord(<u64>bytes << 56);
  v2 ^= 0xff;
  round();
  round();
  round();
  round();
  return v0 ^ v1 ^ v2 ^ v3;
}
