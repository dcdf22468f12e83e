import { integerIn } from '../packet/integers.js';
import {
  encodeBlock,
  type OptionToWrite,
  textOption,
  u32Option,
  u64Option,
} from './blockWriter.js';
import type { PacketNotes } from './capture.js';
import { bigintBelow, checkPacket, type PacketToWrite } from './checkPacket.js';
import { LINKTYPE_ETHERNET } from './linkType.js';
import { SNAP_LENGTH_MAX } from './pcapFormat.js';
import {
  BLOCK_TYPE,
  BYTE_ORDER_MAGIC,
  ENHANCED_PACKET,
  INTERFACE,
  OPTION_CODE,
  SECTION,
  SECTION_LENGTH_UNKNOWN,
  TSRESOL,
  VERDICT_XDP,
  VERDICT_XDP_BYTES,
  VERSION,
} from './pcapngFormat.js';
import type { Sink } from './sink.js';

export interface InterfaceToWrite {
  /** xdpdump's form is `veth0:prog()@fentry`. */
  readonly name: string;
  readonly description?: string;
  /** Ethernet unless given. */
  readonly linkType?: number;
}

export interface NotedPacket extends PacketToWrite, PacketNotes {}

const U32_MAX = 0xffff_ffff;
const U64_END = 2n ** 64n;
const NO_DATA = new Uint8Array(0);

/**
 * Writes a pcapng of one section with nanosecond timestamps, little-endian, one chunk for each block; packets carry
 * the options that xdpdump writes and Wireshark shows (`frame.verdict.ebpf_xdp`).
 */
export class PcapngWriter {
  readonly #sink: Sink;
  #interfaces = 0;

  /** @param application name and version of the program that writes */
  constructor(sink: Sink, application = 'xdpemu') {
    this.#sink = sink;
    const options = [textOption('application', OPTION_CODE.sectionApplication, application)];
    const writeFields = (view: DataView) => {
      view.setUint32(SECTION.byteOrder, BYTE_ORDER_MAGIC, true);
      view.setUint16(SECTION.major, VERSION.major, true);
      view.setBigUint64(SECTION.sectionLength, SECTION_LENGTH_UNKNOWN, true);
    };
    sink(encodeBlock(BLOCK_TYPE.section, SECTION.options, writeFields, NO_DATA, options));
  }

  /**
   * Declares an interface, at any time before its first packet.
   *
   * @returns its id for `writePacket`: 0, 1, ...
   * @throws RangeError that names the field
   */
  addInterface({ name, description, linkType = LINKTYPE_ETHERNET }: InterfaceToWrite): number {
    integerIn('link type', linkType, 0, 0xffff);
    const options = [
      textOption('interface name', OPTION_CODE.interfaceName, name),
      ...(description === undefined
        ? []
        : [textOption('interface description', OPTION_CODE.interfaceDescription, description)]),
      [OPTION_CODE.interfaceTsresol, Uint8Array.of(TSRESOL.nanoseconds)] as const,
    ];
    const writeFields = (view: DataView) => {
      view.setUint16(INTERFACE.linkType, linkType, true);
      view.setUint32(INTERFACE.snapLength, SNAP_LENGTH_MAX, true);
    };
    this.#sink(encodeBlock(BLOCK_TYPE.interface, INTERFACE.options, writeFields, NO_DATA, options));
    return this.#interfaces++;
  }

  /** @throws TypeError or RangeError that names the field, or if there is no such interface */
  writePacket(interfaceId: number, packet: NotedPacket): void {
    if (!Number.isInteger(interfaceId) || interfaceId < 0 || interfaceId >= this.#interfaces) {
      throw new RangeError(
        `interface: expected one of the ${this.#interfaces} added, found ${interfaceId}`,
      );
    }
    const { data, timestampNs } = packet;
    const { originalLength } = checkPacket(packet, U64_END);
    const writeFields = (view: DataView) => {
      view.setUint32(ENHANCED_PACKET.interfaceId, interfaceId, true);
      view.setUint32(ENHANCED_PACKET.timestampHigh, Number(timestampNs >> 32n), true);
      view.setUint32(ENHANCED_PACKET.timestampLow, Number(timestampNs & 0xffff_ffffn), true);
      view.setUint32(ENHANCED_PACKET.capturedLength, data.length, true);
      view.setUint32(ENHANCED_PACKET.originalLength, originalLength, true);
    };
    const options = noteOptions(packet);
    this.#sink(
      encodeBlock(BLOCK_TYPE.enhancedPacket, ENHANCED_PACKET.data, writeFields, data, options),
    );
  }
}

function noteOptions(notes: PacketNotes): OptionToWrite[] {
  const { comment, flags, dropCount, packetId, queue, xdpVerdict } = notes;
  const options: OptionToWrite[] = [];
  if (comment !== undefined) options.push(textOption('comment', OPTION_CODE.comment, comment));
  if (flags !== undefined) {
    options.push(u32Option(OPTION_CODE.packetFlags, integerIn('flags', flags, 0, U32_MAX)));
  }
  if (dropCount !== undefined) {
    const value = bigintBelow('dropCount', dropCount, U64_END);
    options.push(u64Option(OPTION_CODE.packetDropCount, value));
  }
  if (packetId !== undefined) {
    options.push(u64Option(OPTION_CODE.packetId, bigintBelow('packetId', packetId, U64_END)));
  }
  if (queue !== undefined) {
    options.push(u32Option(OPTION_CODE.packetQueue, integerIn('queue', queue, 0, U32_MAX)));
  }
  if (xdpVerdict !== undefined) options.push(xdpVerdictOption(xdpVerdict));
  return options;
}

function xdpVerdictOption(action: number): OptionToWrite {
  const value = new Uint8Array(VERDICT_XDP_BYTES);
  value[0] = VERDICT_XDP;
  const bits = BigInt(integerIn('xdpVerdict', action, 0, U32_MAX));
  new DataView(value.buffer).setBigUint64(1, bits, true);
  return [OPTION_CODE.packetVerdict, value];
}
