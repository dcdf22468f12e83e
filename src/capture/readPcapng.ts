import type { Capture, CaptureInterface, CapturePacket, PacketNotes } from './capture.js';
import type { CaptureBytes } from './captureBytes.js';
import { type Clock, timestampNs } from './clock.js';
import {
  aligned,
  BLOCK,
  BLOCK_ALIGN_BYTES,
  BLOCK_BYTES_MIN,
  BLOCK_TRAILER_BYTES,
  BLOCK_TYPE,
  BYTE_ORDER_MAGIC,
  DROP_COUNT_UNKNOWN,
  ENHANCED_PACKET,
  INTERFACE,
  OBSOLETE_PACKET,
  SECTION,
  SIMPLE_PACKET,
  VERSION,
} from './pcapngFormat.js';
import { readInterfaceOptions, readPacketNotes } from './readOptions.js';

const PACKET_BLOCKS: ReadonlySet<number> = new Set([
  BLOCK_TYPE.packet,
  BLOCK_TYPE.simplePacket,
  BLOCK_TYPE.enhancedPacket,
]);

/** A file being read. */
interface Reading {
  readonly input: CaptureBytes;
  readonly interfaces: CaptureInterface[];
  /** Of each interface. */
  readonly clocks: Clock[];
  readonly packets: CapturePacket[];
  /** Interfaces of earlier sections: each section numbers its own from 0. */
  sectionBase: number;
}

/**
 * Reads a pcapng file: any number of sections, each in its own byte order. Blocks that hold no packet and describe no
 * interface (names, statistics, secrets, unknown ones) are skipped.
 *
 * @throws CaptureError
 */
export function readPcapng(input: CaptureBytes): Capture {
  const reading: Reading = { input, interfaces: [], clocks: [], packets: [], sectionBase: 0 };
  let at = 0;
  while (at < input.length) {
    const end = checkBlock(reading, at);
    readBlock(reading, at, end - BLOCK_TRAILER_BYTES);
    at = end;
  }
  const { interfaces, packets } = reading;
  return { file: input.file, format: 'pcapng', interfaces, packets };
}

/** Checks the frame of the block at `at`, and returns where the block ends. A section block sets the byte order. */
function checkBlock({ input, packets }: Reading, at: number): number {
  input.packet = null;
  input.need('block', at, BLOCK_BYTES_MIN);
  const type = input.u32(at + BLOCK.type);
  if (type === BLOCK_TYPE.section) setByteOrder(input, at);
  if (PACKET_BLOCKS.has(type)) input.packet = packets.length + 1;
  const totalLength = input.u32(at + BLOCK.totalLength);
  if (totalLength < BLOCK_BYTES_MIN || totalLength % BLOCK_ALIGN_BYTES !== 0) {
    const expected = `a block length of ${BLOCK_BYTES_MIN} or more, a multiple of ${BLOCK_ALIGN_BYTES}`;
    input.fail(at + BLOCK.totalLength, expected, totalLength);
  }
  input.need('block', at, totalLength);
  const end = at + totalLength;
  const trailer = input.u32(end - BLOCK_TRAILER_BYTES);
  if (trailer !== totalLength) {
    input.fail(end - BLOCK_TRAILER_BYTES, `the block length ${totalLength} again`, trailer);
  }
  return end;
}

function setByteOrder(input: CaptureBytes, at: number): void {
  input.littleEndian = true;
  if (input.u32(at + SECTION.byteOrder) === BYTE_ORDER_MAGIC) return;
  input.littleEndian = false;
  const magic = input.u32(at + SECTION.byteOrder);
  if (magic !== BYTE_ORDER_MAGIC) {
    input.fail(at + SECTION.byteOrder, 'byte-order magic 0x1a2b3c4d', `0x${magic.toString(16)}`);
  }
}

/** Reads the block at `at`, whose body ends at `end`. */
function readBlock(reading: Reading, at: number, end: number): void {
  switch (reading.input.u32(at + BLOCK.type)) {
    case BLOCK_TYPE.section:
      readSection(reading, at, end);
      break;
    case BLOCK_TYPE.interface:
      readInterface(reading, at, end);
      break;
    case BLOCK_TYPE.enhancedPacket:
      readPacket(reading, at, end, true);
      break;
    case BLOCK_TYPE.packet:
      readPacket(reading, at, end, false);
      break;
    case BLOCK_TYPE.simplePacket:
      readSimplePacket(reading, at, end);
      break;
  }
}

function readSection(reading: Reading, at: number, end: number): void {
  const { input, interfaces } = reading;
  input.need('section header', at, SECTION.options, end);
  const major = input.u16(at + SECTION.major);
  const minor = input.u16(at + SECTION.minor);
  if (major !== VERSION.major || !VERSION.minors.some((known) => known === minor)) {
    input.fail(at + SECTION.major, `pcapng version ${VERSION.major}.0`, `${major}.${minor}`);
  }
  reading.sectionBase = interfaces.length;
}

function readInterface({ input, interfaces, clocks }: Reading, at: number, end: number): void {
  input.need('interface description', at, INTERFACE.options, end);
  const { name, description, clock } = readInterfaceOptions(input, at + INTERFACE.options, end);
  interfaces.push({
    name,
    description,
    linkType: input.u16(at + INTERFACE.linkType),
    snapLength: input.u32(at + INTERFACE.snapLength),
  });
  clocks.push(clock);
}

function readPacket(reading: Reading, at: number, end: number, isEnhanced: boolean): void {
  const { input, packets } = reading;
  const interfaceAt = at + ENHANCED_PACKET.interfaceId;
  input.need('packet header', at, ENHANCED_PACKET.data, end);
  const interfaceId = knownInterface(
    reading,
    interfaceAt,
    isEnhanced ? input.u32(interfaceAt) : input.u16(interfaceAt),
  );
  const ticks =
    (BigInt(input.u32(at + ENHANCED_PACKET.timestampHigh)) << 32n) |
    BigInt(input.u32(at + ENHANCED_PACKET.timestampLow));
  const capturedLength = input.u32(at + ENHANCED_PACKET.capturedLength);
  const originalLength = input.u32(at + ENHANCED_PACKET.originalLength);
  if (capturedLength > originalLength) {
    const expected = `a captured length of at most ${originalLength}, the original length`;
    input.fail(at + ENHANCED_PACKET.capturedLength, expected, capturedLength);
  }
  const data = at + ENHANCED_PACKET.data;
  input.need('packet data', data, capturedLength, end);
  packets.push({
    data: input.bytes.subarray(data, data + capturedLength),
    originalLength,
    timestampNs: timestampNs(ticks, reading.clocks[interfaceId]!),
    interfaceId,
    ...(isEnhanced ? {} : obsoleteDropCount(input, at)),
    ...readPacketNotes(input, data + aligned(capturedLength), end),
  });
}

function readSimplePacket(reading: Reading, at: number, end: number): void {
  const { input, packets, interfaces } = reading;
  input.need('packet header', at, SIMPLE_PACKET.data, end);
  // The block has no field for it: all its packets are the first interface's.
  const interfaceId = knownInterface(reading, at, 0);
  const originalLength = input.u32(at + SIMPLE_PACKET.originalLength);
  const { snapLength } = interfaces[interfaceId]!;
  const capturedLength = Math.min(originalLength, snapLength || originalLength);
  const data = at + SIMPLE_PACKET.data;
  input.need('packet data', data, capturedLength, end);
  packets.push({
    data: input.bytes.subarray(data, data + capturedLength),
    originalLength,
    timestampNs: null,
    interfaceId,
  });
}

/** The index into `interfaces` of the current section's interface `id`. */
function knownInterface(
  { input, interfaces, sectionBase }: Reading,
  at: number,
  id: number,
): number {
  const known = interfaces.length - sectionBase;
  if (id >= known) {
    input.fail(at, `one of the ${known} interfaces of its section`, `interface ${id}`);
  }
  return sectionBase + id;
}

function obsoleteDropCount(input: CaptureBytes, at: number): PacketNotes {
  const dropCount = input.u16(at + OBSOLETE_PACKET.dropCount);
  return dropCount === DROP_COUNT_UNKNOWN ? {} : { dropCount: BigInt(dropCount) };
}
