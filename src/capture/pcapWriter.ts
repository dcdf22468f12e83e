import { integerIn } from '../packet/integers.js';
import { checkPacket, type PacketToWrite } from './checkPacket.js';
import { LINKTYPE_ETHERNET } from './linkType.js';
import {
  FILE_HEADER,
  FILE_HEADER_BYTES,
  LINK_TYPE_MASK,
  MAGIC,
  NS_PER_SECOND,
  PACKET_HEADER,
  PACKET_HEADER_BYTES,
  SNAP_LENGTH_MAX,
  VERSION,
} from './pcapFormat.js';
import type { Sink } from './sink.js';

/** Seconds are 32 bits: until 2106. */
const TIMESTAMP_NS_END = 2n ** 32n * NS_PER_SECOND;

/** Writes a pcap with nanosecond timestamps, little-endian, one chunk for the file header and one for each packet. */
export class PcapWriter {
  readonly #sink: Sink;

  /** @throws RangeError on a link type out of range */
  constructor(sink: Sink, linkType = LINKTYPE_ETHERNET) {
    this.#sink = sink;
    const chunk = new Uint8Array(FILE_HEADER_BYTES);
    const view = new DataView(chunk.buffer);
    view.setUint32(FILE_HEADER.magic, MAGIC.nanoseconds, true);
    view.setUint16(FILE_HEADER.major, VERSION.major, true);
    view.setUint16(FILE_HEADER.minor, VERSION.minor, true);
    view.setUint32(FILE_HEADER.snapLength, SNAP_LENGTH_MAX, true);
    view.setUint32(FILE_HEADER.linkType, integerIn('link type', linkType, 0, LINK_TYPE_MASK), true);
    sink(chunk);
  }

  /** @throws TypeError or RangeError that names the field */
  writePacket(packet: PacketToWrite): void {
    const { data, timestampNs } = packet;
    const { originalLength } = checkPacket(packet, TIMESTAMP_NS_END);
    const chunk = new Uint8Array(PACKET_HEADER_BYTES + data.length);
    const view = new DataView(chunk.buffer);
    view.setUint32(PACKET_HEADER.seconds, Number(timestampNs / NS_PER_SECOND), true);
    view.setUint32(PACKET_HEADER.fraction, Number(timestampNs % NS_PER_SECOND), true);
    view.setUint32(PACKET_HEADER.capturedLength, data.length, true);
    view.setUint32(PACKET_HEADER.originalLength, originalLength, true);
    chunk.set(data, PACKET_HEADER_BYTES);
    this.#sink(chunk);
  }
}
