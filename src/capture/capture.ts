import { CaptureError } from './captureError.js';
import { LINKTYPE_ETHERNET, linkTypeName } from './linkType.js';

/** A capture in memory. Its packets are views over the bytes that were read, not copies. */
export interface Capture {
  /** Name of the file, for messages. */
  readonly file: string;
  readonly format: 'pcap' | 'pcapng';
  /** One for pcap; for pcapng those of all sections, in order of appearance. */
  readonly interfaces: readonly CaptureInterface[];
  readonly packets: readonly CapturePacket[];
}

export interface CaptureInterface {
  /** Null if the file does not say: pcap never does. */
  readonly name: string | null;
  readonly description: string | null;
  /** LINKTYPE_ value: 1 is Ethernet. */
  readonly linkType: number;
  /** Most bytes that were kept of a packet, or 0 for no limit. */
  readonly snapLength: number;
}

/** What pcapng can say about a packet beyond its bytes. */
export interface PacketNotes {
  /** Several comments in a file become lines of this one. */
  readonly comment?: string;
  /** epb_flags: bits 0-1 are `DIRECTION`. */
  readonly flags?: number;
  /** Packets lost by this interface between the one before and this one. */
  readonly dropCount?: bigint;
  /** Same number, same packet: at another interface, or at another time. */
  readonly packetId?: bigint;
  /** RX queue. */
  readonly queue?: number;
  /** The XDP action that a program returned; verdicts of other kinds are not read. */
  readonly xdpVerdict?: number;
}

export interface CapturePacket extends PacketNotes {
  /** The bytes that were kept; fewer than `originalLength` if the snap length cut the packet. */
  readonly data: Uint8Array;
  /** Bytes that were on the wire, `data.length` or more. */
  readonly originalLength: number;
  /**
   * Nanoseconds since 1970, exact where the file is (a number would be off by up to 256 ns today), rounded down where
   * the file is finer; null for a pcapng Simple Packet Block, which has no time.
   */
  readonly timestampNs: bigint | null;
  /** Index into `Capture.interfaces`. */
  readonly interfaceId: number;
}

/** Values of bits 0-1 of `PacketNotes.flags`. */
export const DIRECTION = { unknown: 0, inbound: 1, outbound: 2 } as const;

/**
 * Checks that every packet of the capture is an Ethernet frame.
 *
 * @throws CaptureError that names the first interface in use that is not, and its link type
 */
export function requireEthernet(capture: Capture): void {
  for (const [i, { interfaceId }] of capture.packets.entries()) {
    const { name, linkType } = capture.interfaces[interfaceId]!;
    if (linkType === LINKTYPE_ETHERNET) continue;
    throw new CaptureError({
      file: capture.file,
      offset: null,
      packet: i + 1,
      expected: `link type ${linkTypeName(LINKTYPE_ETHERNET)}`,
      found: `${linkTypeName(linkType)} on interface ${interfaceId}${name === null ? '' : ` (${name})`}`,
    });
  }
}
