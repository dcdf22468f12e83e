import { ARP_BYTES, type ArpPacket, writeArp } from './arp.js';
import { type EthernetHeader, ethernetLength, type VlanTag, writeEthernet } from './ethernet.js';
import { ICMP_HEADER_BYTES, ICMP_TYPE, ICMPV6_TYPE, writeIcmp } from './icmp.js';
import { integerIn } from './integers.js';
import { IPV4_BYTES, type IpInput, toIp } from './ipAddress.js';
import { IPV4_HEADER_BYTES, type Ipv4Header, writeIpv4 } from './ipv4.js';
import { IPV6_HEADER_BYTES, writeIpv6 } from './ipv6.js';
import { ETHERTYPE, IPPROTO } from './numbers.js';
import { TCP_HEADER_BYTES, type TcpHeader, writeTcp } from './tcp.js';
import { fillTransportChecksum, type TransportProtocol } from './transportChecksum.js';
import { UDP_HEADER_BYTES, writeUdp } from './udp.js';

/** Locally administered, so never those of a real card. */
const DEFAULT_MAC = { src: '02:00:00:00:00:01', dst: '02:00:00:00:00:02' } as const;
const IP_PACKET_BYTES_MAX = 0xffff;

/** What every IP frame has. */
export interface IpFrameSpec {
  /** Source address; both addresses are IPv4 or both are IPv6. */
  readonly src: IpInput;
  readonly dst: IpInput;
  readonly srcMac?: string | Uint8Array;
  readonly dstMac?: string | Uint8Array;
  readonly vlans?: readonly VlanTag[];
  /** IPv4 TTL or IPv6 hop limit, 64 unless given. */
  readonly ttl?: number;
  /** IPv4 TOS or IPv6 traffic class, 0 unless given. */
  readonly tos?: number;
  /** Transport payload: bytes, or text that becomes UTF-8. Empty unless given. */
  readonly payload?: Uint8Array | string;
  /** Frame length in bytes, without FCS; the payload is extended with zeros up to it. */
  readonly length?: number;
}

export interface UdpFrameSpec extends IpFrameSpec {
  readonly sport: number;
  readonly dport: number;
}

export interface TcpFrameSpec extends IpFrameSpec, TcpHeader {}

export interface EchoFrameSpec extends IpFrameSpec {
  readonly id?: number;
  readonly sequence?: number;
  /** A reply rather than a request. */
  readonly reply?: boolean;
}

export interface ArpFrameSpec extends ArpPacket {
  /** Ethernet addresses; the sender's to the target's unless given. */
  readonly srcMac?: string | Uint8Array;
  readonly dstMac?: string | Uint8Array;
  readonly vlans?: readonly VlanTag[];
}

/**
 * An Ethernet frame with a UDP datagram, checksums filled in.
 *
 * @throws TypeError or RangeError that names the field
 */
export function udpFrame(spec: UdpFrameSpec): Uint8Array {
  return ipFrame(spec, IPPROTO.udp, UDP_HEADER_BYTES, (out, at, length) =>
    writeUdp({ sport: spec.sport, dport: spec.dport, length }, out, at),
  );
}

/**
 * An Ethernet frame with a TCP segment without options, checksums filled in.
 *
 * @throws TypeError or RangeError that names the field
 */
export function tcpFrame(spec: TcpFrameSpec): Uint8Array {
  return ipFrame(spec, IPPROTO.tcp, TCP_HEADER_BYTES, (out, at) => writeTcp(spec, out, at));
}

/**
 * An Ethernet frame with an ICMP or ICMPv6 echo message, checksums filled in.
 *
 * @throws TypeError or RangeError that names the field
 */
export function echoFrame(spec: EchoFrameSpec): Uint8Array {
  const { id = 0, sequence = 0, reply = false } = spec;
  const isIpv4 = toIp(spec.src).length === IPV4_BYTES;
  const types = isIpv4 ? ICMP_TYPE : ICMPV6_TYPE;
  const type = reply ? types.echoReply : types.echoRequest;
  const protocol = isIpv4 ? IPPROTO.icmp : IPPROTO.icmpv6;
  return ipFrame(spec, protocol, ICMP_HEADER_BYTES, (out, at) =>
    writeIcmp({ type, id, sequence }, out, at),
  );
}

/**
 * An Ethernet frame with an ARP packet, not padded.
 *
 * @throws TypeError or RangeError that names the field
 */
export function arpFrame(spec: ArpFrameSpec): Uint8Array {
  const { srcMac = spec.senderMac, dstMac = spec.targetMac, vlans = [] } = spec;
  const ethernet = { src: srcMac, dst: dstMac, vlans, etherType: ETHERTYPE.arp };
  const arpStart = ethernetLength(ethernet);
  const out = new Uint8Array(arpStart + ARP_BYTES);
  writeEthernet(ethernet, out);
  writeArp(spec, out, arpStart);
  return out;
}

function ipFrame(
  spec: IpFrameSpec,
  protocol: TransportProtocol,
  headerBytes: number,
  writeHeader: (out: Uint8Array, at: number, length: number) => void,
): Uint8Array {
  const { src, dst, isIpv4 } = addressPair(spec);
  const ipBytes = isIpv4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
  const ipStart = ethernetLength(spec);
  const start = ipStart + ipBytes;
  const payload = payloadBytes(spec.payload);
  const whole = start + headerBytes + payload.length;
  const longest = ipStart + IP_PACKET_BYTES_MAX;
  integerIn('headers and payload in bytes', whole, 0, longest);
  const out = new Uint8Array(integerIn('frame length', spec.length ?? whole, whole, longest));

  writeEthernet(ethernetHeader(spec, isIpv4), out);
  writeIp({ ...spec, src, dst, protocol, totalLength: out.length - ipStart }, out, ipStart);
  writeHeader(out, start, out.length - start);
  out.set(payload, start + headerBytes);
  const addresses = { start: start - src.length - dst.length, end: start };
  fillTransportChecksum(out, { protocol, addresses, start, end: out.length });
  return out;
}

function addressPair(spec: IpFrameSpec) {
  const src = toIp(spec.src);
  const dst = toIp(spec.dst);
  if (src.length !== dst.length) {
    throw new RangeError('addresses: expected two of one IP version, found IPv4 and IPv6');
  }
  return { src, dst, isIpv4: src.length === IPV4_BYTES };
}

function payloadBytes(payload: Uint8Array | string = ''): Uint8Array {
  return typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
}

function ethernetHeader(spec: IpFrameSpec, isIpv4: boolean): EthernetHeader {
  const { srcMac = DEFAULT_MAC.src, dstMac = DEFAULT_MAC.dst, vlans = [] } = spec;
  const etherType = isIpv4 ? ETHERTYPE.ipv4 : ETHERTYPE.ipv6;
  return { src: srcMac, dst: dstMac, vlans, etherType };
}

function writeIp(header: Ipv4Header, out: Uint8Array, at: number): void {
  const { src, dst, protocol, totalLength, ttl = 64, tos = 0 } = header;
  if (src.length === IPV4_BYTES) {
    writeIpv4({ src, dst, protocol, totalLength, ttl, tos }, out, at);
    return;
  }
  const payloadLength = totalLength - IPV6_HEADER_BYTES;
  const common = { src, dst, payloadLength, nextHeader: protocol };
  writeIpv6({ ...common, hopLimit: ttl, trafficClass: tos }, out, at);
}
