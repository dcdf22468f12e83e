import { putU16, putU32 } from './bytes.js';
import { HeaderView, shortHeader } from './headerView.js';
import { integerIn } from './integers.js';
import { PacketError } from './packetError.js';

/** TCP header (RFC 9293, 3.1). */
export const TCP_FIELD = {
  sport: 0,
  dport: 2,
  seq: 4,
  ack: 8,
  dataOffset: 12,
  flags: 13,
  window: 14,
  checksum: 16,
  urgent: 18,
} as const;
const FIELD = TCP_FIELD;
export const TCP_HEADER_BYTES = 20;

/** Bits of the flags byte. */
export const TCP_FLAG = {
  fin: 0x01,
  syn: 0x02,
  rst: 0x04,
  psh: 0x08,
  ack: 0x10,
  urg: 0x20,
  ece: 0x40,
  cwr: 0x80,
} as const;

export interface TcpHeader {
  readonly sport: number;
  readonly dport: number;
  readonly seq?: number;
  readonly ack?: number;
  /** `TCP_FLAG` bits, ACK unless given. */
  readonly flags?: number;
  readonly window?: number;
}

export class TcpView extends HeaderView {
  static problem(bytes: Uint8Array, start = 0, end = bytes.length): string | null {
    const short = shortHeader(start, end, TCP_HEADER_BYTES);
    if (short !== null) return short;
    const headerLength = headerLengthAt(bytes, start);
    return headerLength < TCP_HEADER_BYTES || headerLength > end - start
      ? `expected a header length of ${TCP_HEADER_BYTES}..${end - start} bytes, found ${headerLength}`
      : null;
  }

  /** @throws PacketError */
  static at(bytes: Uint8Array, start = 0, end = bytes.length): TcpView {
    const problem = TcpView.problem(bytes, start, end);
    if (problem !== null) throw new PacketError('TCP', start, problem);
    return new TcpView(bytes, start, end);
  }

  get headerLength(): number {
    return headerLengthAt(this.bytes, this.start);
  }

  get sport(): number {
    return this.u16(FIELD.sport);
  }

  get dport(): number {
    return this.u16(FIELD.dport);
  }

  get seq(): number {
    return this.u32(FIELD.seq);
  }

  get ack(): number {
    return this.u32(FIELD.ack);
  }

  /** `TCP_FLAG` bits. */
  get flags(): number {
    return this.u8(FIELD.flags);
  }

  /** Not scaled. */
  get window(): number {
    return this.u16(FIELD.window);
  }

  get checksum(): number {
    return this.u16(FIELD.checksum);
  }

  get urgent(): number {
    return this.u16(FIELD.urgent);
  }

  /** Options, padded, possibly empty. */
  get options(): Uint8Array {
    return this.slice(TCP_HEADER_BYTES, this.headerLength - TCP_HEADER_BYTES);
  }
}

/**
 * Writes a header without options at `at`, its checksum 0: `fillTransportChecksum` fills it in when the payload is there.
 *
 * @throws RangeError on a field out of range
 */
export function writeTcp(header: TcpHeader, out: Uint8Array, at = 0): void {
  const { seq = 0, ack = 0, flags = TCP_FLAG.ack, window = 0xffff } = header;
  putU16(out, at + FIELD.sport, integerIn('TCP source port', header.sport, 0, 0xffff));
  putU16(out, at + FIELD.dport, integerIn('TCP destination port', header.dport, 0, 0xffff));
  putU32(out, at + FIELD.seq, integerIn('TCP seq', seq, 0, 0xffff_ffff));
  putU32(out, at + FIELD.ack, integerIn('TCP ack', ack, 0, 0xffff_ffff));
  out[at + FIELD.dataOffset] = (TCP_HEADER_BYTES / 4) << 4;
  out[at + FIELD.flags] = integerIn('TCP flags', flags, 0, 255);
  putU16(out, at + FIELD.window, integerIn('TCP window', window, 0, 0xffff));
  putU16(out, at + FIELD.checksum, 0);
  putU16(out, at + FIELD.urgent, 0);
}

function headerLengthAt(bytes: Uint8Array, start: number): number {
  return (bytes[start + FIELD.dataOffset]! >>> 4) * 4;
}
