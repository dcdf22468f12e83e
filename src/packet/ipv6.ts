import { getU16, putU16, putU32 } from './bytes.js';
import { HeaderView, shortHeader } from './headerView.js';
import { integerIn } from './integers.js';
import { IPV6_BYTES } from './ipAddress.js';
import { type UpperLayer, walkExtensions } from './ipv6Extensions.js';
import { PacketError } from './packetError.js';

/** IPv6 header (RFC 8200, 3). */
export const IPV6_FIELD = {
  versionClassLabel: 0,
  payloadLength: 4,
  nextHeader: 6,
  hopLimit: 7,
  src: 8,
  dst: 24,
} as const;
const FIELD = IPV6_FIELD;
export const IPV6_HEADER_BYTES = 40;

export interface Ipv6Header {
  /** 16 bytes. */
  readonly src: Uint8Array;
  /** 16 bytes. */
  readonly dst: Uint8Array;
  readonly nextHeader: number;
  /** Bytes behind this header, extension headers included. */
  readonly payloadLength: number;
  readonly hopLimit?: number;
  readonly trafficClass?: number;
  readonly flowLabel?: number;
}

export class Ipv6View extends HeaderView {
  /** The frame may be longer (padding) or shorter (cut by the snap length) than the packet. */
  static problem(bytes: Uint8Array, start = 0, end = bytes.length): string | null {
    const short = shortHeader(start, end, IPV6_HEADER_BYTES);
    if (short !== null) return short;
    const version = bytes[start]! >>> 4;
    return version === 6 ? null : `expected version 6, found ${version}`;
  }

  /** @throws PacketError */
  static at(bytes: Uint8Array, start = 0, end = bytes.length): Ipv6View {
    const problem = Ipv6View.problem(bytes, start, end);
    if (problem !== null) throw new PacketError('IPv6', start, problem);
    const packetEnd = start + IPV6_HEADER_BYTES + getU16(bytes, start + FIELD.payloadLength);
    return new Ipv6View(bytes, start, Math.min(end, packetEnd));
  }

  /** Without extension headers: `upperLayer` walks those. */
  get headerLength(): number {
    return IPV6_HEADER_BYTES;
  }

  get trafficClass(): number {
    return (this.u32(FIELD.versionClassLabel) >>> 20) & 0xff;
  }

  get flowLabel(): number {
    return this.u32(FIELD.versionClassLabel) & 0xfffff;
  }

  get payloadLength(): number {
    return this.u16(FIELD.payloadLength);
  }

  get nextHeader(): number {
    return this.u8(FIELD.nextHeader);
  }

  get hopLimit(): number {
    return this.u8(FIELD.hopLimit);
  }

  get src(): Uint8Array {
    return this.slice(FIELD.src, IPV6_BYTES);
  }

  get dst(): Uint8Array {
    return this.slice(FIELD.dst, IPV6_BYTES);
  }

  /** Where both addresses lie in `bytes`, source first. */
  get addresses(): { start: number; end: number } {
    return { start: this.start + FIELD.src, end: this.start + FIELD.dst + IPV6_BYTES };
  }

  /** Whether the frame ends before the packet does. */
  get isTruncated(): boolean {
    return this.end < this.payloadStart + this.payloadLength;
  }

  /** What lies behind the extension headers. */
  get upperLayer(): UpperLayer {
    return walkExtensions(this.bytes, this.nextHeader, this.payloadStart, this.end);
  }
}

/**
 * Writes the header at `at`.
 *
 * @throws RangeError on a field out of range
 */
export function writeIpv6(header: Ipv6Header, out: Uint8Array, at = 0): void {
  const { hopLimit = 64, trafficClass = 0, flowLabel = 0 } = header;
  const classAndLabel =
    (integerIn('IPv6 traffic class', trafficClass, 0, 255) << 20) |
    integerIn('IPv6 flow label', flowLabel, 0, 0xfffff);
  putU32(out, at + FIELD.versionClassLabel, (6 << 28) | classAndLabel);
  const payloadLength = integerIn('IPv6 payload length', header.payloadLength, 0, 0xffff);
  putU16(out, at + FIELD.payloadLength, payloadLength);
  out[at + FIELD.nextHeader] = integerIn('IPv6 next header', header.nextHeader, 0, 255);
  out[at + FIELD.hopLimit] = integerIn('IPv6 hop limit', hopLimit, 0, 255);
  out.set(header.src, at + FIELD.src);
  out.set(header.dst, at + FIELD.dst);
}
