import { getU16 } from './bytes.js';
import { EthernetView } from './ethernet.js';
import { formatIp, IPV4_BYTES } from './ipAddress.js';
import { Ipv4View } from './ipv4.js';
import { Ipv6View } from './ipv6.js';
import { ETHERTYPE, IPPROTO, protocolName } from './numbers.js';

/** The 5-tuple of a frame, or its 2-tuple where there are no ports to go by. */
export interface Flow {
  /** 4 or 16 bytes. */
  readonly src: Uint8Array;
  /** 4 or 16 bytes, as many as `src`. */
  readonly dst: Uint8Array;
  readonly protocol: number;
  /** Null for other protocols than TCP and UDP, for fragments, and if the frame ends before them. */
  readonly ports: { readonly sport: number; readonly dport: number } | null;
}

/** Where in a frame its flow stands: source and destination are neighbours, both in addresses and in ports. */
export interface FlowPlace {
  readonly addressesStart: number;
  readonly addressesEnd: number;
  readonly protocol: number;
  /** Byte of the source port, or -1: a 2-tuple. */
  readonly portsStart: number;
}

const PORTS_BYTES = 4;

/**
 * Finds the flow of a frame as a NIC's parser does, which needs no more than the headers.
 *
 * A fragment, the first one included, falls to the 2-tuple: the others have no ports, and all of a datagram must reach
 * one queue. Null if the frame is not IP, or not a whole IP header. Never throws.
 */
export function locateFlow(bytes: Uint8Array): FlowPlace | null {
  if (EthernetView.problem(bytes) !== null) return null;
  const ethernet = EthernetView.at(bytes);
  const start = ethernet.payloadStart;
  switch (ethernet.etherType) {
    case ETHERTYPE.ipv4: {
      if (Ipv4View.problem(bytes, start) !== null) return null;
      const ip = Ipv4View.at(bytes, start);
      return place(ip, ip.protocol, ip.payloadStart, ip.isFragment);
    }
    case ETHERTYPE.ipv6: {
      if (Ipv6View.problem(bytes, start) !== null) return null;
      const ip = Ipv6View.at(bytes, start);
      const upper = ip.upperLayer;
      return place(ip, upper.protocol, upper.start, upper.isFragment);
    }
    default:
      return null;
  }
}

/** The flow of a frame, copied out of it, or null as `locateFlow`. */
export function flowOf(bytes: Uint8Array): Flow | null {
  const found = locateFlow(bytes);
  if (found === null) return null;
  const { addressesStart, addressesEnd, protocol, portsStart } = found;
  const middle = (addressesStart + addressesEnd) / 2;
  return {
    src: bytes.slice(addressesStart, middle),
    dst: bytes.slice(middle, addressesEnd),
    protocol,
    ports:
      portsStart < 0
        ? null
        : { sport: getU16(bytes, portsStart), dport: getU16(bytes, portsStart + 2) },
  };
}

/** `10.0.0.1:1024>192.0.2.1:9/udp`, `[fe80::1]:5>[ff02::1]:6/udp`, `10.0.0.1>10.0.0.2/icmp`: one word for one flow, so also a key. */
export function formatFlow({ src, dst, protocol, ports }: Flow): string {
  return `${endpoint(src, ports?.sport)}>${endpoint(dst, ports?.dport)}/${protocolName(protocol)}`;
}

function place(
  ip: Ipv4View | Ipv6View,
  protocol: number,
  start: number,
  isFragment: boolean,
): FlowPlace {
  const { start: addressesStart, end: addressesEnd } = ip.addresses;
  const hasPorts =
    !isFragment &&
    (protocol === IPPROTO.tcp || protocol === IPPROTO.udp) &&
    start + PORTS_BYTES <= ip.end;
  return { addressesStart, addressesEnd, protocol, portsStart: hasPorts ? start : -1 };
}

function endpoint(address: Uint8Array, port: number | undefined): string {
  const text = formatIp(address);
  if (port === undefined) return text;
  return address.length === IPV4_BYTES ? `${text}:${port}` : `[${text}]:${port}`;
}
