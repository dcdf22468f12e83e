import { getU16, putU16 } from './bytes.js';

export const IPV4_BYTES = 4;
export const IPV6_BYTES = 16;
const IPV6_GROUPS = IPV6_BYTES / 2;

const DECIMAL_BYTE = /^(?:0|[1-9]\d{0,2})$/;
const HEX_GROUP = /^[0-9a-f]{1,4}$/i;

/** An address as text, or as 4 or 16 bytes in network order. */
export type IpInput = string | Uint8Array;

/**
 * An IPv4 or IPv6 address as 4 or 16 bytes in network order.
 *
 * IPv4 is four decimal numbers without leading zeros (which some systems read as octal); IPv6 any form of RFC 4291,
 * 2.2, without a zone.
 *
 * @throws TypeError if it is not a string, RangeError if it is no address
 */
export function parseIp(text: string): Uint8Array {
  if (typeof text !== 'string') {
    throw new TypeError(`IP address: expected a string, found ${typeof text}`);
  }
  const address = text.includes(':') ? ipv6(text) : ipv4(text);
  if (address === null) {
    throw new RangeError(
      `IP address: expected an address such as 192.0.2.1 or 2001:db8::1, found ${JSON.stringify(text)}`,
    );
  }
  return address;
}

/**
 * An address given as text or as bytes, as bytes.
 *
 * @throws TypeError or RangeError as `parseIp`, RangeError if there are neither 4 nor 16 bytes
 */
export function toIp(address: IpInput): Uint8Array {
  if (!(address instanceof Uint8Array)) return parseIp(address);
  if (address.length !== IPV4_BYTES && address.length !== IPV6_BYTES) {
    throw new RangeError(`IP address: expected 4 or 16 bytes, found ${address.length}`);
  }
  return address;
}

/** 4 or 16 bytes as text: dotted decimal, or the canonical form of RFC 5952. */
export function formatIp(address: Uint8Array): string {
  if (toIp(address).length === IPV4_BYTES) return address.join('.');
  if (isIpv4Mapped(address)) return `::ffff:${address.subarray(12).join('.')}`;
  const groups = Array.from({ length: IPV6_GROUPS }, (_, i) => getU16(address, 2 * i));
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  const run = longestZeroRun(groups);
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function ipv4(text: string): Uint8Array | null {
  const parts = text.split('.');
  const isAddress =
    parts.length === IPV4_BYTES &&
    parts.every((part) => DECIMAL_BYTE.test(part) && Number(part) <= 255);
  return isAddress ? Uint8Array.from(parts, Number) : null;
}

function ipv6(text: string): Uint8Array | null {
  const halves = text.split('::');
  const head = groupsOf(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1]!, true) : [];
  if (halves.length > 2 || head === null || tail === null) return null;
  const zeros = IPV6_GROUPS - head.length - tail.length;
  // `::` stands for at least one group.
  if (halves.length === 1 ? zeros !== 0 : zeros < 1) return null;
  const address = new Uint8Array(IPV6_BYTES);
  head.forEach((group, i) => {
    putU16(address, 2 * i, group);
  });
  tail.forEach((group, i) => {
    putU16(address, 2 * (head.length + zeros + i), group);
  });
  return address;
}

/** The 16-bit groups of one side of `::`; only the last group of an address may be dotted decimal. */
function groupsOf(text: string, isLast: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (HEX_GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const embedded = isLast && i === parts.length - 1 ? ipv4(part) : null;
    if (embedded === null) return null;
    groups.push(getU16(embedded, 0), getU16(embedded, 2));
  }
  return groups;
}

/** RFC 5952, 5: an address known to embed IPv4 is written with it. */
function isIpv4Mapped(address: Uint8Array): boolean {
  return address.subarray(0, 10).every((byte) => byte === 0) && getU16(address, 10) === 0xffff;
}

/** RFC 5952, 4.2.3: the longest run is shortened, the first of equals. */
function longestZeroRun(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [i, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: i + 1 - length, length };
  }
  return best;
}
