import { machine } from "../machine";
import { Errno } from "../uapi";
import { asResult, memoryArgument } from "./arguments";
import { sipBegin, sipEnd, sipWord } from "./sipHash";

/** SYN cookies without a socket (net/ipv4/syncookies.c, net/ipv6/syncookies.c), under secrets of the machine's seed. */

// @ts-ignore: decorator
@external("env", "nowNs")
declare function nowNs(): f64;

const IPV4_HEADER_BYTES: u32 = 20;
const IPV6_HEADER_BYTES: u32 = 40;
const TCP_HEADER_BYTES: u32 = 20;
const COOKIE_BITS: u32 = 24;
const COOKIE_MASK: u32 = (1 << COOKIE_BITS) - 1;
/** MAX_SYNCOOKIE_AGE, in periods of TCP_SYNCOOKIE_PERIOD. */
const COOKIE_AGE_MAX: u32 = 2;
const COOKIE_PERIOD_NS: f64 = 60e9;
/** TCP_MSS_DEFAULT; IPV6_MIN_MTU less both headers. */
const MSS_DEFAULT_IPV4: u32 = 536;
const MSS_DEFAULT_IPV6: u32 = 1220;
const MSS_CODES: u32 = 4;

/** `bpf_tcp_raw_gen_syncookie_ipv4(iph, th, th_len)`: the cookie, and in the upper half the MSS that it holds. */
export function helperTcpRawGenSyncookieIpv4(iph: u64, th: u64, thBytes: u64, _r4: u64, _r5: u64): u64 {
  if (!memoryArgument(1, iph, IPV4_HEADER_BYTES) || !memoryArgument(2, th, <u32>thBytes)) return 0;
  return generate(<usize>iph, 4, <usize>th, <u32>thBytes);
}

/** `bpf_tcp_raw_gen_syncookie_ipv6(iph, th, th_len)`. */
export function helperTcpRawGenSyncookieIpv6(iph: u64, th: u64, thBytes: u64, _r4: u64, _r5: u64): u64 {
  if (!memoryArgument(1, iph, IPV6_HEADER_BYTES) || !memoryArgument(2, th, <u32>thBytes)) return 0;
  return generate(<usize>iph, 6, <usize>th, <u32>thBytes);
}

/** `bpf_tcp_raw_check_syncookie_ipv4(iph, th)`: 0 where the ACK answers a cookie of the last two minutes. */
export function helperTcpRawCheckSyncookieIpv4(iph: u64, th: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  if (!memoryArgument(1, iph, IPV4_HEADER_BYTES) || !memoryArgument(2, th, TCP_HEADER_BYTES)) return 0;
  return check(<usize>iph, 4, <usize>th);
}

/** `bpf_tcp_raw_check_syncookie_ipv6(iph, th)`. */
export function helperTcpRawCheckSyncookieIpv6(iph: u64, th: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  if (!memoryArgument(1, iph, IPV6_HEADER_BYTES) || !memoryArgument(2, th, TCP_HEADER_BYTES)) return 0;
  return check(<usize>iph, 6, <usize>th);
}

function generate(iph: usize, version: u32, th: usize, thBytes: u32): u64 {
  if (thBytes < TCP_HEADER_BYTES || thBytes != <u32>(load<u8>(th, 12) >> 4) * 4) return asResult(-Errno.EINVAL);
  const option = mssOption(th, thBytes);
  const mss = option != 0 ? option : version == 4 ? MSS_DEFAULT_IPV4 : MSS_DEFAULT_IPV6;
  let code: u32 = MSS_CODES - 1;
  while (code != 0 && mss < mssOf(version, code)) code--;
  return secureCookie(iph, version, th, code) | (<u64>mssOf(version, code) << 32);
}

/** `msstab`. */
function mssOf(version: u32, code: u32): u32 {
  switch (code) {
    case 0: return version == 4 ? 536 : 1220;
    case 1: return version == 4 ? 1300 : 1420;
    case 2: return 1440;
    default: return version == 4 ? 1460 : 8940;
  }
}

/** `tcp_parse_mss_option`: 0 where there is none. */
function mssOption(th: usize, thBytes: u32): u32 {
  let at = TCP_HEADER_BYTES;
  while (at < thBytes) {
    const kind = load<u8>(th + at);
    if (kind == 0) return 0;
    if (kind == 1) {
      at++;
      continue;
    }
    if (at + 1 >= thBytes) return 0;
    const size = <u32>load<u8>(th + at + 1);
    if (size < 2 || at + size > thBytes) return 0;
    if (kind == 2 && size == 4) return <u32>bswap(load<u16>(th + at + 2));
    at += size;
  }
  return 0;
}

/** `tcp_cookie_time`. */
function cookieTime(): u32 {
  return <u32>(nowNs() / COOKIE_PERIOD_NS);
}

/** `secure_tcp_syn_cookie`. */
function secureCookie(iph: usize, version: u32, th: usize, code: u32): u32 {
  const count = cookieTime();
  const sequence = bswap(load<u32>(th, 4));
  return cookieHash(iph, version, th, 0, 0) + sequence + (count << COOKIE_BITS)
    + ((cookieHash(iph, version, th, count, 1) + code) & COOKIE_MASK);
}

/** `check_tcp_syn_cookie`. */
function check(iph: usize, version: u32, th: usize): u64 {
  const sequence = bswap(load<u32>(th, 4)) - 1;
  let cookie = bswap(load<u32>(th, 8)) - 1;
  cookie -= cookieHash(iph, version, th, 0, 0) + sequence;
  const count = cookieTime();
  const age = (count - (cookie >>> COOKIE_BITS)) & (0xffffffff >>> COOKIE_BITS);
  if (age >= COOKIE_AGE_MAX) return asResult(-Errno.EACCES);
  const code = (cookie - cookieHash(iph, version, th, count - age, 1)) & COOKIE_MASK;
  return code < MSS_CODES ? 0 : asResult(-Errno.EACCES);
}

/** `cookie_hash`, of addresses, ports and `count` under secret 0 or 1. */
function cookieHash(iph: usize, version: u32, th: usize, count: u32, secret: u64): u32 {
  const seed = <u64>machine().seed << 1 | secret;
  sipBegin(seed * 0x9e3779b97f4a7c15, ~seed * 0xd1b54a32d192ed03);
  const addresses = version == 4 ? iph + 12 : iph + 8;
  const bytes: u32 = version == 4 ? 8 : 32;
  for (let at: u32 = 0; at < bytes; at += 8) sipWord(load<u64>(addresses + at));
  sipWord(<u64>load<u32>(th) | (<u64>count << 32));
  return <u32>sipEnd(bytes + 8);
}
