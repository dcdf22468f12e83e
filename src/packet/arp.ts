import { getU16, putU16 } from './bytes.js';
import { HeaderView, shortHeader } from './headerView.js';
import { integerIn } from './integers.js';
import { IPV4_BYTES, type IpInput, toIp } from './ipAddress.js';
import { MAC_BYTES, toMac } from './mac.js';
import { ETHERTYPE } from './numbers.js';
import { PacketError } from './packetError.js';

/** ARP for IPv4 over Ethernet (RFC 826). */
const FIELD = {
  hardwareType: 0,
  protocolType: 2,
  hardwareLength: 4,
  protocolLength: 5,
  operation: 6,
  senderMac: 8,
  senderIp: 14,
  targetMac: 18,
  targetIp: 24,
} as const;
export const ARP_BYTES = 28;
const HARDWARE_ETHERNET = 1;

export const ARP_OPERATION = { request: 1, reply: 2 } as const;

export interface ArpPacket {
  readonly operation: number;
  readonly senderMac: string | Uint8Array;
  readonly senderIp: IpInput;
  readonly targetMac: string | Uint8Array;
  readonly targetIp: IpInput;
}

export class ArpView extends HeaderView {
  static problem(bytes: Uint8Array, start = 0, end = bytes.length): string | null {
    const short = shortHeader(start, end, ARP_BYTES);
    if (short !== null) return short;
    const hardware = getU16(bytes, start + FIELD.hardwareType);
    const protocol = getU16(bytes, start + FIELD.protocolType);
    const lengths = getU16(bytes, start + FIELD.hardwareLength);
    return hardware === HARDWARE_ETHERNET &&
      protocol === ETHERTYPE.ipv4 &&
      lengths === ((MAC_BYTES << 8) | IPV4_BYTES)
      ? null
      : `expected IPv4 over Ethernet, found hardware ${hardware}, protocol 0x${protocol.toString(16)}, ` +
          `address lengths ${lengths >>> 8} and ${lengths & 0xff}`;
  }

  /** @throws PacketError */
  static at(bytes: Uint8Array, start = 0, end = bytes.length): ArpView {
    const problem = ArpView.problem(bytes, start, end);
    if (problem !== null) throw new PacketError('ARP', start, problem);
    return new ArpView(bytes, start, end);
  }

  get headerLength(): number {
    return ARP_BYTES;
  }

  get operation(): number {
    return this.u16(FIELD.operation);
  }

  get senderMac(): Uint8Array {
    return this.slice(FIELD.senderMac, MAC_BYTES);
  }

  get senderIp(): Uint8Array {
    return this.slice(FIELD.senderIp, IPV4_BYTES);
  }

  get targetMac(): Uint8Array {
    return this.slice(FIELD.targetMac, MAC_BYTES);
  }

  get targetIp(): Uint8Array {
    return this.slice(FIELD.targetIp, IPV4_BYTES);
  }
}

/** @throws RangeError on a field out of range */
export function writeArp(packet: ArpPacket, out: Uint8Array, at = 0): void {
  putU16(out, at + FIELD.hardwareType, HARDWARE_ETHERNET);
  putU16(out, at + FIELD.protocolType, ETHERTYPE.ipv4);
  out[at + FIELD.hardwareLength] = MAC_BYTES;
  out[at + FIELD.protocolLength] = IPV4_BYTES;
  putU16(out, at + FIELD.operation, integerIn('ARP operation', packet.operation, 0, 0xffff));
  out.set(toMac(packet.senderMac), at + FIELD.senderMac);
  out.set(ipv4('ARP sender', packet.senderIp), at + FIELD.senderIp);
  out.set(toMac(packet.targetMac), at + FIELD.targetMac);
  out.set(ipv4('ARP target', packet.targetIp), at + FIELD.targetIp);
}

function ipv4(what: string, address: IpInput): Uint8Array {
  const bytes = toIp(address);
  if (bytes.length !== IPV4_BYTES) {
    throw new RangeError(`${what}: expected an IPv4 address, found an IPv6 address`);
  }
  return bytes;
}
