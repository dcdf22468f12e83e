import { getU16, putU16 } from './bytes.js';
import { HeaderView, shortHeader } from './headerView.js';
import { integerIn } from './integers.js';
import { PacketError } from './packetError.js';

/** UDP header (RFC 768). */
export const UDP_FIELD = { sport: 0, dport: 2, length: 4, checksum: 6 } as const;
const FIELD = UDP_FIELD;
export const UDP_HEADER_BYTES = 8;

export interface UdpHeader {
  readonly sport: number;
  readonly dport: number;
  /** Header and payload, bytes. */
  readonly length: number;
}

export class UdpView extends HeaderView {
  /** The datagram may be cut by the snap length, but it has its header. */
  static problem(bytes: Uint8Array, start = 0, end = bytes.length): string | null {
    const short = shortHeader(start, end, UDP_HEADER_BYTES);
    if (short !== null) return short;
    const length = getU16(bytes, start + FIELD.length);
    return length < UDP_HEADER_BYTES
      ? `expected a length of ${UDP_HEADER_BYTES} or more, found ${length}`
      : null;
  }

  /** @throws PacketError */
  static at(bytes: Uint8Array, start = 0, end = bytes.length): UdpView {
    const problem = UdpView.problem(bytes, start, end);
    if (problem !== null) throw new PacketError('UDP', start, problem);
    return new UdpView(bytes, start, Math.min(end, start + getU16(bytes, start + FIELD.length)));
  }

  get headerLength(): number {
    return UDP_HEADER_BYTES;
  }

  get sport(): number {
    return this.u16(FIELD.sport);
  }

  get dport(): number {
    return this.u16(FIELD.dport);
  }

  get length(): number {
    return this.u16(FIELD.length);
  }

  /** 0 means that the sender computed none. */
  get checksum(): number {
    return this.u16(FIELD.checksum);
  }
}

/**
 * Writes the header at `at`, its checksum 0: `fillTransportChecksum` fills it in when the payload is there.
 *
 * @throws RangeError on a field out of range
 */
export function writeUdp(header: UdpHeader, out: Uint8Array, at = 0): void {
  putU16(out, at + FIELD.sport, integerIn('UDP source port', header.sport, 0, 0xffff));
  putU16(out, at + FIELD.dport, integerIn('UDP destination port', header.dport, 0, 0xffff));
  const length = integerIn('UDP length', header.length, UDP_HEADER_BYTES, 0xffff);
  putU16(out, at + FIELD.length, length);
  putU16(out, at + FIELD.checksum, 0);
}
