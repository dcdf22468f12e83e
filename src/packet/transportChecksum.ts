import { getU16, putU16 } from './bytes.js';
import { addToSum, checksumOfSum, foldSum, pseudoHeaderSum } from './checksum.js';
import type { Frame } from './frame.js';
import { ICMP_FIELD } from './icmp.js';
import { IPPROTO } from './numbers.js';
import { TCP_FIELD } from './tcp.js';
import { UDP_FIELD } from './udp.js';

/** The protocols whose checksum this module knows. */
export type TransportProtocol = (typeof IPPROTO)['tcp' | 'udp' | 'icmp' | 'icmpv6'];

/** Where a transport header lies, and the addresses that its pseudo header takes. */
export interface TransportPlace {
  readonly protocol: TransportProtocol;
  /** Both addresses, one behind the other. */
  readonly addresses: { readonly start: number; readonly end: number };
  readonly start: number;
  readonly end: number;
}

/**
 * - `valid`, `wrong`: as the next hop would judge it (an IPv6 routing header that has yet to change the destination
 *   makes a right checksum look wrong)
 * - `partial`: only the pseudo header is summed, as the kernel leaves it for the NIC to finish (CHECKSUM_PARTIAL);
 *   frames captured on a veth look like this, and a redirect out of another device makes the peer drop them
 * - `none`: UDP over IPv4 without a checksum
 * - `unknown`: nothing to check, or not all of it is here: fragments, packets cut by the snap length, other protocols
 */
export type ChecksumState = 'valid' | 'wrong' | 'partial' | 'none' | 'unknown';

/** Computes the checksum of the TCP, UDP, ICMP or ICMPv6 message at `place` and writes it into its header. */
export function fillTransportChecksum(bytes: Uint8Array, place: TransportPlace): void {
  const at = place.start + checksumField(place.protocol);
  putU16(bytes, at, 0);
  const checksum = checksumOfSum(transportSum(bytes, place));
  // RFC 768: 0 would say that there is none, and 0xffff is the same number in one's complement.
  putU16(bytes, at, checksum === 0 && place.protocol === IPPROTO.udp ? 0xffff : checksum);
}

/** What the transport checksum of a frame is worth. */
export function transportChecksumState(frame: Frame): ChecksumState {
  const place = wholeTransport(frame);
  if (place === null) return 'unknown';
  const field = getU16(frame.ethernet.bytes, place.start + checksumField(place.protocol));
  // RFC 8200, 8.1: over IPv6 a UDP checksum is not optional.
  if (frame.udp !== null && field === 0) return frame.ipv4 !== null ? 'none' : 'wrong';
  const bytes = frame.ethernet.bytes;
  if (checksumOfSum(transportSum(bytes, place)) === 0) return 'valid';
  return field === foldSum(pseudoSum(bytes, place)) ? 'partial' : 'wrong';
}

/** The transport message, if all that its checksum covers is in the frame. */
function wholeTransport(frame: Frame): TransportPlace | null {
  const ip = frame.ipv4 ?? frame.ipv6;
  const transport = frame.tcp ?? frame.udp ?? frame.icmp;
  if (ip === null || transport === null || frame.isFragment || ip.isTruncated) return null;
  const { start, end } = transport;
  if (frame.udp !== null && end < start + frame.udp.length) return null;
  // A frame has a transport view for these protocols only.
  const protocol = frame.protocol as TransportProtocol;
  return { protocol, addresses: ip.addresses, start, end };
}

function transportSum(bytes: Uint8Array, place: TransportPlace): number {
  return addToSum(bytes, place.start, place.end, pseudoSum(bytes, place));
}

function pseudoSum(bytes: Uint8Array, { protocol, addresses, start, end }: TransportPlace): number {
  // RFC 792: ICMP for IPv4 sums the message only.
  return protocol === IPPROTO.icmp ? 0 : pseudoHeaderSum(bytes, addresses, protocol, end - start);
}

function checksumField(protocol: TransportProtocol): number {
  switch (protocol) {
    case IPPROTO.tcp:
      return TCP_FIELD.checksum;
    case IPPROTO.udp:
      return UDP_FIELD.checksum;
    case IPPROTO.icmp:
    case IPPROTO.icmpv6:
      return ICMP_FIELD.checksum;
  }
}
