import { Errno } from "../uapi";
import { readableBytes } from "./arguments";
import { afford, spend } from "./work";

/**
 * `bpf_bprintf_prepare` and `bstr_printf` (kernel/bpf/helpers.c, lib/vsprintf.c): what `bpf_trace_printk` and
 * `bpf_snprintf` understand. Conversions d, i, u, x, X (with l, ll), c, s, p, pI4, pI6 and %%, flags 0 - + and space, and
 * a width.
 *
 * Format and strings are where programs write, perhaps at this moment: every byte is looked at once.
 */

const SPACE: u32 = 0x20;
const PERCENT: u32 = 0x25;
const PLUS: u32 = 0x2b;
const MINUS: u32 = 0x2d;
const DOT: u32 = 0x2e;
const ZERO: u32 = 0x30;
const COLON: u32 = 0x3a;
/** A and a: how hexadecimal digits above 9 begin. */
const UPPER: u32 = 0x41;
const LOWER: u32 = 0x61;

/** Where the text goes; what does not fit is counted all the same. */
let out: usize = 0;
let capacity: u32 = 0;
let length: u32 = 0;

function put(char: u32): void {
  if (length < capacity) store<u8>(out + length, <u8>char);
  length++;
  spend(1);
}

/** Where the arguments are: `nrArgs` u64. */
let args: usize = 0;
let nrArgs: u32 = 0;
let nextArg: u32 = 0;

function takeArg(): u64 {
  const value = load<u64>(args + (<usize>nextArg << 3));
  nextArg++;
  return value;
}

/** The format, read byte by byte up to `formatEnd`, or until the run's budget is used up. */
let cursor: usize = 0;
let formatEnd: usize = 0;

function peek(): u32 {
  return cursor < formatEnd && afford(1) ? load<u8>(cursor) : 0;
}

/** Flags and width of the conversion in hand. */
let isZeroPadded: bool = false;
let isLeft: bool = false;
let sign: u32 = 0;
let width: u32 = 0;

/** Widths above this are cut: a text is no longer. */
const WIDTH_MAX: u32 = 1024;

/**
 * Writes at most `size` bytes of text to `into` and no NUL. Returns the length that the whole text has, or -EINVAL. The
 * format ends at its NUL, which comes before `end`.
 */
export function format(into: usize, size: u32, text: usize, end: usize, values: usize, nrValues: u32): i32 {
  out = into;
  capacity = size;
  length = 0;
  args = values;
  nrArgs = nrValues;
  nextArg = 0;
  cursor = text;
  formatEnd = end;
  while (cursor < formatEnd && afford(1)) {
    const char = load<u8>(cursor++);
    if (char == 0) return <i32>length;
    if (!isText(char)) break;
    if (char != PERCENT) put(char);
    else if (!conversion()) break;
  }
  return -Errno.EINVAL;
}

/** `isprint` or `isspace`. */
function isText(char: u32): bool {
  return (char >= SPACE && char < 0x7f) || (char >= 9 && char <= 13);
}

/** What follows a percent sign; false where the kernel refuses it. */
function conversion(): bool {
  if (peek() == PERCENT) {
    cursor++;
    put(PERCENT);
    return true;
  }
  if (nextArg >= nrArgs) return false;
  readFlags();
  switch (peek()) {
    case 0x63: { // c
      cursor++;
      padLeft(1);
      put(<u32>takeArg() & 0xff);
      padRight(1);
      return true;
    }
    case 0x73: { // s
      cursor++;
      string(takeArg());
      return true;
    }
    case 0x70: { // p
      cursor++;
      return pointer();
    }
    default:
      return integer();
  }
}

function readFlags(): void {
  isZeroPadded = false;
  isLeft = false;
  sign = 0;
  width = 0;
  for (;;) {
    const char = peek();
    if (char == ZERO) isZeroPadded = true;
    else if (char == MINUS) isLeft = true;
    else if (char == PLUS) sign = PLUS;
    else if (char == SPACE) sign = sign == 0 ? SPACE : sign;
    else break;
    cursor++;
  }
  for (let digit = peek() - ZERO; digit < 10; digit = peek() - ZERO) {
    width = min(width * 10 + digit, WIDTH_MAX);
    cursor++;
  }
}

function integer(): bool {
  let isLong = false;
  for (let i = 0; i < 2 && peek() == 0x6c; i++) { // l
    isLong = true;
    cursor++;
  }
  const kind = peek();
  cursor++;
  const isSigned = kind == 0x64 || kind == 0x69; // d i
  const isHex = kind == 0x78 || kind == 0x58; // x X
  if (!isSigned && !isHex && kind != 0x75) return false; // u
  let value = takeArg();
  if (!isLong) value = isSigned ? <u64><i64><i32>value : <u64><u32>value;
  const isNegative = isSigned && <i64>value < 0;
  if (isNegative) value = -value;
  number(value, isHex ? 16 : 10, kind == 0x58 ? UPPER : LOWER, isNegative ? MINUS : isSigned ? sign : 0);
  return true;
}

/** A number with its sign (0: none), padded to the width. `letters`: A or a. */
function number(value: u64, base: u64, letters: u32, signChar: u32): void {
  let divisor: u64 = 1;
  let digits: u32 = 1;
  while (value / divisor >= base) {
    divisor *= base;
    digits++;
  }
  // Each digit takes divisions.
  spend(digits << 3);
  const used = digits + (signChar ? 1 : 0);
  if (!isZeroPadded || isLeft) padLeft(used);
  if (signChar) put(signChar);
  if (isZeroPadded && !isLeft) for (let i = used; i < width; i++) put(ZERO);
  for (; divisor != 0; divisor /= base) {
    const digit = <u32>(value / divisor % base);
    put(digit < 10 ? ZERO + digit : letters + digit - 10);
  }
  padRight(used);
}

function padLeft(used: u32): void {
  if (!isLeft) for (let i = used; i < width; i++) put(SPACE);
}

function padRight(used: u32): void {
  if (isLeft) for (let i = used; i < width; i++) put(SPACE);
}

/** Bytes of a string that are shown at most: what the kernel's buffer holds. */
const STRING_MAX: u32 = 511;

/** A string of the program's; nothing where it is not (`strncpy_from_kernel_nofault`). */
function string(address: u64): void {
  const size = stringLength(address);
  spend(size);
  padLeft(size);
  for (let i: u32 = 0; i < size; i++) put(load<u8>(<usize>address + i));
  padRight(size);
}

function stringLength(address: u64): u32 {
  const most = <u32>min(<u64>STRING_MAX, readableBytes(address));
  let size: u32 = 0;
  while (size < most && load<u8>(<usize>address + size) != 0) size++;
  return size;
}

/** After %p: an address in hexadecimal, or, after I4, I6 and the like, what is there as an IP address. */
function pointer(): bool {
  const kind = peek() | 0x20; // i I
  if (kind == 0x69) return ipAddress();
  // x, K and so on only say how much to hide.
  if (peek() == 0x78 || peek() == 0x4b) cursor++;
  isZeroPadded = true;
  width = 16;
  number(takeArg(), 16, LOWER, 0);
  return true;
}

function ipAddress(): bool {
  cursor++;
  const family = peek();
  cursor++;
  if (family != 0x34 && family != 0x36) return false; // 4 6
  const address = takeArg();
  const bytes: u32 = family == 0x34 ? 4 : 16;
  if (readableBytes(address) < bytes) return true;
  width = 0;
  isZeroPadded = false;
  if (family == 0x34) ipv4(<usize>address);
  else ipv6(<usize>address);
  return true;
}

function ipv4(address: usize): void {
  for (let i: u32 = 0; i < 4; i++) {
    if (i) put(DOT);
    number(load<u8>(address + i), 10, LOWER, 0);
  }
}

/** All 32 digits (%pI6); only %pI6c would shorten them. */
function ipv6(address: usize): void {
  isZeroPadded = true;
  width = 4;
  for (let i: u32 = 0; i < 8; i++) {
    if (i) put(COLON);
    number((<u64>load<u8>(address + 2 * i) << 8) | load<u8>(address + 2 * i + 1), 16, LOWER, 0);
  }
}
