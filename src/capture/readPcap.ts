import type { Capture, CaptureInterface, CapturePacket } from './capture.js';
import type { CaptureBytes } from './captureBytes.js';
import {
  FILE_HEADER,
  FILE_HEADER_BYTES,
  LINK_TYPE_MASK,
  NS_PER_SECOND,
  PACKET_HEADER,
  PACKET_HEADER_BYTES,
  VERSION,
} from './pcapFormat.js';

/**
 * Reads a pcap file whose magic has been recognised and whose byte order has been set.
 *
 * @param nsPerTick unit of a timestamp's fraction; a fraction of a second or more carries over, as in tcpdump
 * @throws CaptureError
 */
export function readPcap(input: CaptureBytes, nsPerTick: 1n | 1000n): Capture {
  const interfaces = [readFileHeader(input)];
  const packets: CapturePacket[] = [];
  let at = FILE_HEADER_BYTES;
  while (at < input.length) {
    input.packet = packets.length + 1;
    const packet = readPacket(input, at, nsPerTick);
    packets.push(packet);
    at += PACKET_HEADER_BYTES + packet.data.length;
  }
  return { file: input.file, format: 'pcap', interfaces, packets };
}

function readFileHeader(input: CaptureBytes): CaptureInterface {
  input.need('pcap file header', 0, FILE_HEADER_BYTES);
  const major = input.u16(FILE_HEADER.major);
  const minor = input.u16(FILE_HEADER.minor);
  if (major !== VERSION.major || minor !== VERSION.minor) {
    const expected = `pcap version ${VERSION.major}.${VERSION.minor}`;
    input.fail(FILE_HEADER.major, expected, `${major}.${minor}`);
  }
  return {
    name: null,
    description: null,
    linkType: input.u32(FILE_HEADER.linkType) & LINK_TYPE_MASK,
    snapLength: input.u32(FILE_HEADER.snapLength),
  };
}

function readPacket(input: CaptureBytes, at: number, nsPerTick: bigint): CapturePacket {
  input.need('packet header', at, PACKET_HEADER_BYTES);
  const seconds = BigInt(input.u32(at + PACKET_HEADER.seconds));
  const fraction = BigInt(input.u32(at + PACKET_HEADER.fraction));
  const capturedLength = input.u32(at + PACKET_HEADER.capturedLength);
  const originalLength = input.u32(at + PACKET_HEADER.originalLength);
  if (capturedLength > originalLength) {
    const expected = `a captured length of at most ${originalLength}, the original length`;
    input.fail(at + PACKET_HEADER.capturedLength, expected, capturedLength);
  }
  const start = at + PACKET_HEADER_BYTES;
  input.need('packet data', start, capturedLength);
  return {
    data: input.bytes.subarray(start, start + capturedLength),
    originalLength,
    timestampNs: seconds * NS_PER_SECOND + fraction * nsPerTick,
    interfaceId: 0,
  };
}
