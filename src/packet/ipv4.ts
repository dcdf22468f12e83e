import { getU16, putU16 } from './bytes.js';
import { internetChecksum } from './checksum.js';
import { HeaderView, shortHeader } from './headerView.js';
import { integerIn } from './integers.js';
import { IPV4_BYTES } from './ipAddress.js';
import { PacketError } from './packetError.js';

/** IPv4 header (RFC 791, 3.1). */
export const IPV4_FIELD = {
  versionIhl: 0,
  tos: 1,
  totalLength: 2,
  id: 4,
  fragment: 6,
  ttl: 8,
  protocol: 9,
  checksum: 10,
  src: 12,
  dst: 16,
} as const;
const FIELD = IPV4_FIELD;
export const IPV4_HEADER_BYTES = 20;
const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

export interface Ipv4Header {
  /** 4 bytes. */
  readonly src: Uint8Array;
  /** 4 bytes. */
  readonly dst: Uint8Array;
  readonly protocol: number;
  /** Header and payload, bytes. */
  readonly totalLength: number;
  readonly ttl?: number;
  readonly tos?: number;
  readonly id?: number;
  readonly dontFragment?: boolean;
  readonly moreFragments?: boolean;
  /** Bytes, a multiple of 8. */
  readonly fragmentOffset?: number;
}

export class Ipv4View extends HeaderView {
  /** The frame may be longer (padding) or shorter (cut by the snap length) than the packet. */
  static problem(bytes: Uint8Array, start = 0, end = bytes.length): string | null {
    const short = shortHeader(start, end, IPV4_HEADER_BYTES);
    if (short !== null) return short;
    const version = bytes[start + FIELD.versionIhl]! >>> 4;
    if (version !== 4) return `expected version 4, found ${version}`;
    const headerLength = headerLengthAt(bytes, start);
    if (headerLength < IPV4_HEADER_BYTES || headerLength > end - start) {
      return `expected a header length of ${IPV4_HEADER_BYTES}..${end - start} bytes, found ${headerLength}`;
    }
    const totalLength = getU16(bytes, start + FIELD.totalLength);
    return totalLength < headerLength
      ? `expected a total length of ${headerLength} or more, found ${totalLength}`
      : null;
  }

  /** @throws PacketError */
  static at(bytes: Uint8Array, start = 0, end = bytes.length): Ipv4View {
    const problem = Ipv4View.problem(bytes, start, end);
    if (problem !== null) throw new PacketError('IPv4', start, problem);
    const packetEnd = start + getU16(bytes, start + FIELD.totalLength);
    return new Ipv4View(bytes, start, Math.min(end, packetEnd));
  }

  get headerLength(): number {
    return headerLengthAt(this.bytes, this.start);
  }

  get tos(): number {
    return this.u8(FIELD.tos);
  }

  get totalLength(): number {
    return this.u16(FIELD.totalLength);
  }

  get id(): number {
    return this.u16(FIELD.id);
  }

  get dontFragment(): boolean {
    return (this.u16(FIELD.fragment) & DONT_FRAGMENT) !== 0;
  }

  get moreFragments(): boolean {
    return (this.u16(FIELD.fragment) & MORE_FRAGMENTS) !== 0;
  }

  /** Bytes. */
  get fragmentOffset(): number {
    return (this.u16(FIELD.fragment) & FRAGMENT_OFFSET) * 8;
  }

  /** Whether it is any fragment, the first included. */
  get isFragment(): boolean {
    return (this.u16(FIELD.fragment) & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) !== 0;
  }

  get ttl(): number {
    return this.u8(FIELD.ttl);
  }

  get protocol(): number {
    return this.u8(FIELD.protocol);
  }

  get checksum(): number {
    return this.u16(FIELD.checksum);
  }

  get src(): Uint8Array {
    return this.slice(FIELD.src, IPV4_BYTES);
  }

  get dst(): Uint8Array {
    return this.slice(FIELD.dst, IPV4_BYTES);
  }

  /** Options, padded, possibly empty. */
  get options(): Uint8Array {
    return this.slice(IPV4_HEADER_BYTES, this.headerLength - IPV4_HEADER_BYTES);
  }

  /** Where both addresses lie in `bytes`, source first. */
  get addresses(): { start: number; end: number } {
    return { start: this.start + FIELD.src, end: this.start + FIELD.dst + IPV4_BYTES };
  }

  /** Whether the header checksum is right. */
  get hasValidChecksum(): boolean {
    return internetChecksum(this.bytes, this.start, this.payloadStart) === 0;
  }

  /** Whether the frame ends before the packet does. */
  get isTruncated(): boolean {
    return this.end < this.start + this.totalLength;
  }
}

/**
 * Writes a header without options at `at`, checksum included.
 *
 * @throws RangeError on a field out of range
 */
export function writeIpv4(header: Ipv4Header, out: Uint8Array, at = 0): void {
  const { ttl = 64, tos = 0, id = 0, fragmentOffset = 0 } = header;
  integerIn('IPv4 fragment offset in units of 8 bytes', fragmentOffset / 8, 0, FRAGMENT_OFFSET);
  out[at + FIELD.versionIhl] = 0x40 | (IPV4_HEADER_BYTES / 4);
  out[at + FIELD.tos] = integerIn('IPv4 tos', tos, 0, 255);
  const totalLength = integerIn('IPv4 total length', header.totalLength, IPV4_HEADER_BYTES, 0xffff);
  putU16(out, at + FIELD.totalLength, totalLength);
  putU16(out, at + FIELD.id, integerIn('IPv4 id', id, 0, 0xffff));
  const flags =
    (header.dontFragment ? DONT_FRAGMENT : 0) | (header.moreFragments ? MORE_FRAGMENTS : 0);
  putU16(out, at + FIELD.fragment, flags | (fragmentOffset / 8));
  out[at + FIELD.ttl] = integerIn('IPv4 ttl', ttl, 0, 255);
  out[at + FIELD.protocol] = integerIn('IPv4 protocol', header.protocol, 0, 255);
  putU16(out, at + FIELD.checksum, 0);
  out.set(header.src, at + FIELD.src);
  out.set(header.dst, at + FIELD.dst);
  putU16(out, at + FIELD.checksum, internetChecksum(out, at, at + IPV4_HEADER_BYTES));
}

function headerLengthAt(bytes: Uint8Array, start: number): number {
  return (bytes[start + FIELD.versionIhl]! & 0x0f) * 4;
}
