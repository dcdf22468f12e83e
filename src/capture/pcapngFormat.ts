/**
 * The pcapng file format: blocks of a type, a length, a body and the length again, each a multiple of 4 bytes, in the
 * byte order of their section. Source: draft-ietf-opsawg-pcapng.
 */
export const BLOCK = { type: 0, totalLength: 4, body: 8 } as const;
/** Type and both lengths. */
export const BLOCK_BYTES_MIN = 12;
export const BLOCK_TRAILER_BYTES = 4;
export const BLOCK_ALIGN_BYTES = 4;

export const BLOCK_TYPE = {
  /** Reads the same in both byte orders. */
  section: 0x0a0d0d0a,
  interface: 1,
  /** Obsolete, but written until 2009. */
  packet: 2,
  simplePacket: 3,
  enhancedPacket: 6,
} as const;

/** Offsets from here on are from the start of the block. */
export const SECTION = {
  byteOrder: 8,
  major: 12,
  minor: 14,
  sectionLength: 16,
  options: 24,
} as const;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** 1.2 was written by some and is the same (draft, 4.1). */
export const VERSION = { major: 1, minors: [0, 2] } as const;
export const SECTION_LENGTH_UNKNOWN = 0xffff_ffff_ffff_ffffn;

export const INTERFACE = { linkType: 8, snapLength: 12, options: 16 } as const;

export const ENHANCED_PACKET = {
  interfaceId: 8,
  timestampHigh: 12,
  timestampLow: 16,
  capturedLength: 20,
  originalLength: 24,
  data: 28,
} as const;

/** As the enhanced one, but for a 16-bit interface and a drop count in its place. */
export const OBSOLETE_PACKET = { interfaceId: 8, dropCount: 10 } as const;
/** An obsolete packet's drop count, if the writer did not know. */
export const DROP_COUNT_UNKNOWN = 0xffff;

export const SIMPLE_PACKET = { originalLength: 8, data: 12 } as const;

/** An option is a code, a length and a value, padded. */
export const OPTION = { code: 0, length: 2, value: 4 } as const;

export const OPTION_CODE = {
  end: 0,
  comment: 1,
  sectionApplication: 4,
  interfaceName: 2,
  interfaceDescription: 3,
  interfaceTsresol: 9,
  interfaceTsoffset: 14,
  packetFlags: 2,
  packetDropCount: 4,
  packetId: 5,
  packetQueue: 6,
  packetVerdict: 7,
} as const;

/** The first byte of a verdict tells whose it is; this one is followed by the action, 8 bytes. */
export const VERDICT_XDP = 2;
export const VERDICT_XDP_BYTES = 9;

/** `if_tsresol` of nanoseconds, which the writer uses, and of what an interface without the option has. */
export const TSRESOL = { nanoseconds: 9, microseconds: 6 } as const;

/** Rounds up to the alignment of blocks and options. */
export function aligned(length: number): number {
  return length + (-length & (BLOCK_ALIGN_BYTES - 1));
}
