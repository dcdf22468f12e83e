import { putU16 } from './bytes.js';
import { HeaderView, shortHeader } from './headerView.js';
import { integerIn } from './integers.js';
import { PacketError } from './packetError.js';

/** ICMP (RFC 792) and ICMPv6 (RFC 4443, 2.1) share this shape; the last two fields are those of echo messages. */
export const ICMP_FIELD = { type: 0, code: 1, checksum: 2, id: 4, sequence: 6 } as const;
const FIELD = ICMP_FIELD;
export const ICMP_HEADER_BYTES = 8;

export const ICMP_TYPE = { echoReply: 0, echoRequest: 8 } as const;
export const ICMPV6_TYPE = { echoRequest: 128, echoReply: 129 } as const;

export interface IcmpHeader {
  readonly type: number;
  readonly code?: number;
  readonly id?: number;
  readonly sequence?: number;
}

export class IcmpView extends HeaderView {
  static problem(bytes: Uint8Array, start = 0, end = bytes.length): string | null {
    return shortHeader(start, end, ICMP_HEADER_BYTES);
  }

  /** @throws PacketError */
  static at(bytes: Uint8Array, start = 0, end = bytes.length): IcmpView {
    const problem = IcmpView.problem(bytes, start, end);
    if (problem !== null) throw new PacketError('ICMP', start, problem);
    return new IcmpView(bytes, start, end);
  }

  get headerLength(): number {
    return ICMP_HEADER_BYTES;
  }

  get type(): number {
    return this.u8(FIELD.type);
  }

  get code(): number {
    return this.u8(FIELD.code);
  }

  get checksum(): number {
    return this.u16(FIELD.checksum);
  }

  /** Of an echo message; other types use the bytes otherwise. */
  get id(): number {
    return this.u16(FIELD.id);
  }

  /** Of an echo message; other types use the bytes otherwise. */
  get sequence(): number {
    return this.u16(FIELD.sequence);
  }
}

/**
 * Writes the header at `at`, its checksum 0: `fillTransportChecksum` fills it in when the payload is there.
 *
 * @throws RangeError on a field out of range
 */
export function writeIcmp(header: IcmpHeader, out: Uint8Array, at = 0): void {
  const { type, code = 0, id = 0, sequence = 0 } = header;
  out[at + FIELD.type] = integerIn('ICMP type', type, 0, 255);
  out[at + FIELD.code] = integerIn('ICMP code', code, 0, 255);
  putU16(out, at + FIELD.checksum, 0);
  putU16(out, at + FIELD.id, integerIn('ICMP id', id, 0, 0xffff));
  putU16(out, at + FIELD.sequence, integerIn('ICMP sequence', sequence, 0, 0xffff));
}
