/**
 * The pcap file format: a file header, then a header and the bytes of each packet, in the writer's byte order.
 *
 * Source: draft-ietf-opsawg-pcap.
 */
export const FILE_HEADER = {
  magic: 0,
  major: 4,
  minor: 6,
  /** Time zone and accuracy, which no one has ever filled in. */
  reserved: 8,
  snapLength: 16,
  linkType: 20,
} as const;
export const FILE_HEADER_BYTES = 24;

export const PACKET_HEADER = {
  seconds: 0,
  fraction: 4,
  capturedLength: 8,
  originalLength: 12,
} as const;
export const PACKET_HEADER_BYTES = 16;

/** The magic, in the writer's byte order, tells the unit of `PACKET_HEADER.fraction`. */
export const MAGIC = {
  microseconds: 0xa1b2c3d4,
  nanoseconds: 0xa1b23c4d,
  /** Alexey Kuznetsov's patched libpcap: longer packet headers, of which several variants share the magic. */
  modified: 0xa1b2cd34,
} as const;

export const VERSION = { major: 2, minor: 4 } as const;

/** The upper bits of the field tell about a frame check sequence. */
export const LINK_TYPE_MASK = 0xffff;

/** tcpdump's and Wireshark's limit. */
export const SNAP_LENGTH_MAX = 262_144;

export const NS_PER_SECOND = 1_000_000_000n;
