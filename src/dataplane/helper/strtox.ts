import { Errno } from "../uapi";
import { asResult, memoryArgument, writableArgument } from "./arguments";
import { afford } from "./work";

/** `bpf_strtol` and `bpf_strtoul` (kernel/bpf/helpers.c:__bpf_strtoull, lib/kstrtox.c). */

/** BPF_STRTOX_BASE_MASK. */
const BASE_MASK: u64 = 0x1f;
/** Digits are looked for in no more bytes than the kernel's buffer holds. */
const DIGITS_MAX: u64 = 63;

const MINUS: u32 = 0x2d;
const ZERO: u32 = 0x30;
const LOWER_A: u32 = 0x61;
const LOWER_X: u32 = 0x78;
/** What makes a letter a small one. */
const LOWER_BIT: u32 = 0x20;

/** Of the number that was parsed last. */
let magnitude: u64 = 0;
let isNegative: bool = false;

/** `bpf_strtol(buf, buf_len, flags, res)`: how many bytes the number takes. */
export function helperStrtol(text: u64, length: u64, flags: u64, result: u64, _r5: u64): u64 {
  if (!memoryArgument(1, text, length) || !writableArgument(4, result, 8)) return 0;
  store<i64>(<usize>result, 0);
  const used = parse(text, length, flags);
  if (used < 0) return asResult(used);
  const value = isNegative ? -<i64>magnitude : <i64>magnitude;
  if (isNegative ? value > 0 : value < 0) return asResult(-Errno.ERANGE);
  store<i64>(<usize>result, value);
  return asResult(used);
}

/** `bpf_strtoul(buf, buf_len, flags, res)`. */
export function helperStrtoul(text: u64, length: u64, flags: u64, result: u64, _r5: u64): u64 {
  if (!memoryArgument(1, text, length) || !writableArgument(4, result, 8)) return 0;
  store<u64>(<usize>result, 0);
  const used = parse(text, length, flags);
  if (used < 0) return asResult(used);
  if (isNegative) return asResult(-Errno.EINVAL);
  store<u64>(<usize>result, magnitude);
  return asResult(used);
}

/** Bytes up to the number's end, or a negative errno. */
function parse(text: u64, length: u64, flags: u64): i32 {
  const base = <u32>(flags & BASE_MASK);
  if (length == 0 || (flags & ~BASE_MASK) != 0) return -Errno.EINVAL;
  if (base != 0 && base != 8 && base != 10 && base != 16) return -Errno.EINVAL;
  let at: u64 = 0;
  while (at < length && isSpace(load<u8>(<usize>(text + at)))) {
    if (!afford(1)) return 0;
    at++;
  }
  isNegative = at < length && load<u8>(<usize>(text + at)) == MINUS;
  if (isNegative) at++;
  if (at == length) return -Errno.EINVAL;
  const end = <usize>(text + min(length, at + DIGITS_MAX));
  const digits = parseInteger(<usize>(text + at), end, base);
  return digits < 0 ? digits : <i32>at + digits;
}

/** `_ctype`'s _S, in which 0xa0 is a space too. */
function isSpace(char: u32): bool {
  return char == 0x20 || (char >= 9 && char <= 13) || char == 0xa0;
}

/** `_parse_integer_fixup_radix` and `_parse_integer`: bytes taken, or a negative errno. */
function parseInteger(start: usize, end: usize, base: u32): i32 {
  let at = start;
  const isHexPrefixed = byteAt(at, end) == ZERO && (byteAt(at + 1, end) | LOWER_BIT) == LOWER_X;
  if (base == 0) base = byteAt(at, end) != ZERO ? 10 : isHexPrefixed && digitAt(at + 2, end) < 16 ? 16 : 8;
  if (base == 16 && isHexPrefixed) at += 2;
  const first = at;
  let overflows = false;
  magnitude = 0;
  for (let digit = digitAt(at, end); digit < base; digit = digitAt(++at, end)) {
    if (magnitude > (u64.MAX_VALUE - digit) / base) overflows = true;
    magnitude = magnitude * base + digit;
  }
  if (at == first) return -Errno.EINVAL;
  return overflows ? -Errno.ERANGE : <i32>(at - start);
}

function byteAt(address: usize, end: usize): u32 {
  return address < end ? load<u8>(address) : 0;
}

/** A digit's value, at least 16 where there is none. */
function digitAt(address: usize, end: usize): u32 {
  const char = byteAt(address, end);
  if (char - ZERO < 10) return char - ZERO;
  const letter = (char | LOWER_BIT) - LOWER_A;
  return letter < 6 ? letter + 10 : 16;
}
