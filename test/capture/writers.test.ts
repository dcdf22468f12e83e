import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PcapngWriter } from '../../src/capture/pcapngWriter.js';
import { PcapWriter } from '../../src/capture/pcapWriter.js';
import { readCapture } from '../../src/capture/readCapture.js';
import { property } from '../support/property.js';
import { notedPacket, packetToWrite } from './arbitraries.js';

const FILE = 'dist/test/capture/writers.test.js';

/** Runs `write` with a sink and returns all that went into it. */
function written(write: (sink: (chunk: Uint8Array) => void) => void): Uint8Array {
  const chunks: Uint8Array[] = [];
  write((chunk) => chunks.push(chunk));
  return new Uint8Array(Buffer.concat(chunks));
}

property(
  'a pcap is read back as it was written',
  FILE,
  fc.property(fc.array(packetToWrite), fc.nat(0xffff), (packets, linkType) => {
    const bytes = written((sink) => {
      const writer = new PcapWriter(sink, linkType);
      for (const packet of packets) writer.writePacket(packet);
    });
    const capture = readCapture(bytes, 'x.pcap');
    assert.is(capture.interfaces[0]!.linkType, linkType);
    assert.equal(
      capture.packets,
      packets.map((packet) => ({ ...packet, interfaceId: 0 })),
    );
  }),
);

const interfaceToWrite = fc.record(
  { name: fc.string(), description: fc.string(), linkType: fc.nat(0xffff) },
  { requiredKeys: ['name'], noNullPrototype: true },
);

property(
  'a pcapng is read back as it was written, options and interfaces too',
  FILE,
  fc.property(
    fc.array(interfaceToWrite, { minLength: 1, maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(), notedPacket)),
    (interfaces, packets) => {
      const idOf = (n: number) => n % interfaces.length;
      const bytes = written((sink) => {
        const writer = new PcapngWriter(sink);
        for (const each of interfaces) writer.addInterface(each);
        for (const [n, packet] of packets) writer.writePacket(idOf(n), packet);
      });
      const capture = readCapture(bytes, 'x.pcapng');
      assert.equal(
        capture.interfaces.map(({ name, description, linkType }) => ({
          name,
          description,
          linkType,
        })),
        interfaces.map(({ name, description = null, linkType = 1 }) => ({
          name,
          description,
          linkType,
        })),
      );
      assert.equal(
        capture.packets,
        packets.map(([n, packet]) => ({ ...packet, interfaceId: idOf(n) })),
      );
    },
  ),
);

test('the options of a packet have the bytes that xdpdump writes', () => {
  const chunks: Uint8Array[] = [];
  const writer = new PcapngWriter((chunk) => chunks.push(chunk));
  const id = writer.addInterface({ name: 'veth0:prog()@fexit' });
  writer.writePacket(id, {
    data: Uint8Array.of(0xaa),
    timestampNs: 0x1_0000_0002n,
    comment: 'hi',
    flags: 1,
    dropCount: 2n,
    packetId: 3n,
    queue: 4,
    xdpVerdict: 4,
  });
  assert.is(chunks.length, 3);
  assert.is(
    Buffer.from(chunks[2]!).toString('hex'),
    [
      '06000000 68000000 00000000 01000000 02000000 01000000 01000000 aa000000',
      '0100 0200 68690000',
      '0200 0400 01000000',
      '0400 0800 0200000000000000',
      '0500 0800 0300000000000000',
      '0600 0400 04000000',
      '0700 0900 02 0400000000000000 000000',
      '00000000 68000000',
    ]
      .join('')
      .replaceAll(' ', ''),
  );
});

test('a chunk is its receiver’s to keep, even if the packet’s bytes change', () => {
  const chunks: Uint8Array[] = [];
  const writer = new PcapWriter((chunk) => chunks.push(chunk));
  const data = Uint8Array.of(1);
  writer.writePacket({ data, timestampNs: 0n });
  data[0] = 2;
  writer.writePacket({ data, timestampNs: 0n });
  assert.equal([chunks[1]!.at(-1), chunks[2]!.at(-1)], [1, 2]);
});

test('what a format cannot hold is refused by name, and nothing is written', () => {
  let chunks = 0;
  const sink = () => {
    chunks += 1;
  };
  const pcap = new PcapWriter(sink);
  const pcapng = new PcapngWriter(sink);
  pcapng.addInterface({ name: 'a' });
  const before = chunks;
  const packet = { data: new Uint8Array(4), timestampNs: 0n };
  const refused: [() => void, RegExp][] = [
    [
      () => pcap.writePacket({ ...packet, timestampNs: 1 as never }),
      /timestampNs: expected a bigint/,
    ],
    [() => pcap.writePacket({ ...packet, timestampNs: -1n }), /timestampNs: .* found -1/],
    [() => pcap.writePacket({ ...packet, timestampNs: 2n ** 62n }), /timestampNs: /],
    [() => pcap.writePacket({ ...packet, originalLength: 3 }), /originalLength: .*4\.\..* found 3/],
    [() => pcap.writePacket({ ...packet, data: new Uint8Array(262_145) }), /packet length/],
    [() => pcapng.writePacket(1, packet), /interface: expected one of the 1 added, found 1/],
    [() => pcapng.writePacket(0, { ...packet, queue: -1 }), /queue: .* found -1/],
    [() => pcapng.writePacket(0, { ...packet, xdpVerdict: 2 ** 32 }), /xdpVerdict/],
    [() => pcapng.writePacket(0, { ...packet, dropCount: -1n }), /dropCount/],
    [() => pcapng.writePacket(0, { ...packet, comment: 'é'.repeat(32_768) }), /comment: .* 65536/],
    [() => pcapng.addInterface({ name: 'b', linkType: 65_536 }), /link type/],
  ];
  for (const [write, message] of refused) assert.throws(write, message);
  assert.is(chunks, before);
});

test.run();
