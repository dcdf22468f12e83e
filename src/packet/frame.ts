import { ArpView } from './arp.js';
import { EthernetView } from './ethernet.js';
import { IcmpView } from './icmp.js';
import { Ipv4View } from './ipv4.js';
import { Ipv6View } from './ipv6.js';
import { ETHERTYPE, IPPROTO } from './numbers.js';
import { PacketError } from './packetError.js';
import { TcpView } from './tcp.js';
import { UdpView } from './udp.js';

/** A frame's headers as views over its bytes; those it does not have are null. */
export interface Frame {
  readonly ethernet: EthernetView;
  readonly arp: ArpView | null;
  readonly ipv4: Ipv4View | null;
  readonly ipv6: Ipv6View | null;
  readonly tcp: TcpView | null;
  readonly udp: UdpView | null;
  /** ICMP or ICMPv6: `protocol` says which. */
  readonly icmp: IcmpView | null;
  /** IP protocol behind any IPv6 extension headers, or null if the frame is not IP. */
  readonly protocol: number | null;
  /** Whether the packet is an IP fragment; only a first fragment has a transport header. */
  readonly isFragment: boolean;
  /** What the innermost header carries, without Ethernet padding. */
  readonly payload: Uint8Array;
}

interface Transport {
  readonly tcp: TcpView | null;
  readonly udp: UdpView | null;
  readonly icmp: IcmpView | null;
}

const NO_TRANSPORT: Transport = { tcp: null, udp: null, icmp: null };
const NO_NETWORK = { arp: null, ipv4: null, ipv6: null, protocol: null, isFragment: false };

/**
 * The headers of an Ethernet frame, from the outside in. Protocols that this module does not know end the walk.
 *
 * @throws PacketError on the first header that does not hold together
 */
export function parseFrame(bytes: Uint8Array): Frame {
  const ethernet = EthernetView.at(bytes);
  switch (ethernet.etherType) {
    case ETHERTYPE.arp: {
      const arp = ArpView.at(bytes, ethernet.payloadStart);
      return { ethernet, ...NO_NETWORK, ...NO_TRANSPORT, arp, payload: arp.payload };
    }
    case ETHERTYPE.ipv4:
      return parseIpv4(ethernet);
    case ETHERTYPE.ipv6:
      return parseIpv6(ethernet);
    default:
      return { ethernet, ...NO_NETWORK, ...NO_TRANSPORT, payload: ethernet.payload };
  }
}

function parseIpv4(ethernet: EthernetView): Frame {
  const ipv4 = Ipv4View.at(ethernet.bytes, ethernet.payloadStart);
  const { protocol, isFragment, payloadStart } = ipv4;
  const transport = ipv4.fragmentOffset === 0 ? transportAt(ipv4, protocol, payloadStart) : null;
  const network = { ...NO_NETWORK, ipv4, protocol, isFragment };
  return { ethernet, ...network, ...withPayload(ipv4, transport, payloadStart) };
}

function parseIpv6(ethernet: EthernetView): Frame {
  const ipv6 = Ipv6View.at(ethernet.bytes, ethernet.payloadStart);
  const { protocol, start, isFragment, fragmentOffset, problem } = ipv6.upperLayer;
  if (problem !== null) throw new PacketError('IPv6', ipv6.start, problem);
  const transport = fragmentOffset === 0 ? transportAt(ipv6, protocol, start) : null;
  const network = { ...NO_NETWORK, ipv6, protocol, isFragment };
  return { ethernet, ...network, ...withPayload(ipv6, transport, start) };
}

function transportAt(ip: Ipv4View | Ipv6View, protocol: number, start: number): Transport | null {
  switch (protocol) {
    case IPPROTO.tcp:
      return { ...NO_TRANSPORT, tcp: TcpView.at(ip.bytes, start, ip.end) };
    case IPPROTO.udp:
      return { ...NO_TRANSPORT, udp: UdpView.at(ip.bytes, start, ip.end) };
    case IPPROTO.icmp:
    case IPPROTO.icmpv6:
      return { ...NO_TRANSPORT, icmp: IcmpView.at(ip.bytes, start, ip.end) };
    default:
      return null;
  }
}

function withPayload(ip: Ipv4View | Ipv6View, transport: Transport | null, start: number) {
  const view = transport?.tcp ?? transport?.udp ?? transport?.icmp;
  const payload = view ? view.payload : ip.bytes.subarray(start, ip.end);
  return { ...(transport ?? NO_TRANSPORT), payload };
}
