import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CaptureError } from '../../src/capture/captureError.js';
import { readCapture } from '../../src/capture/readCapture.js';
import { CaptureBuilder } from './captureBuilder.js';

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;

for (const littleEndian of [true, false]) {
  const order = littleEndian ? 'little' : 'big';
  const pcap = (magic = MICROSECONDS) => new CaptureBuilder(littleEndian).pcapHeader(magic);

  test(`microsecond and nanosecond files are read, ${order}-endian`, () => {
    for (const [magic, unit] of [
      [MICROSECONDS, 1000n],
      [NANOSECONDS, 1n],
    ] as const) {
      const bytes = pcap(magic).u32(4_000_000_000).u32(5).u32(3).u32(100).raw([7, 8, 9]).build();
      const { format, interfaces, packets } = readCapture(bytes, 'x.pcap');
      assert.is(format, 'pcap');
      assert.equal(interfaces, [{ name: null, description: null, linkType: 1, snapLength: 65535 }]);
      assert.equal(packets, [
        {
          data: Uint8Array.of(7, 8, 9),
          originalLength: 100,
          timestampNs: 4_000_000_000n * 1_000_000_000n + 5n * unit,
          interfaceId: 0,
        },
      ]);
    }
  });

  test(`a modified pcap is refused by name, ${order}-endian`, () => {
    assert.throws(
      () => readCapture(pcap(0xa1b2cd34).build(), 'x.pcap'),
      /modified magic 0xa1b2cd34/,
    );
  });
}

const pcap = () => new CaptureBuilder(true).pcapHeader(MICROSECONDS);

test('a file without packets is a capture without packets', () => {
  assert.equal(readCapture(pcap().build(), 'x.pcap').packets, []);
});

test('the upper bits of the link type, about a check sequence, are no part of it', () => {
  const bytes = new CaptureBuilder(true).pcapHeader(MICROSECONDS, 0x2400_0071).build();
  assert.is(readCapture(bytes, 'x.pcap').interfaces[0]!.linkType, 113);
});

test('a cut file is an error that says where, in which packet, and how much is missing', () => {
  const first = pcap().u32(1).u32(2).u32(4).u32(4).raw([1, 2, 3, 4]);
  const whole = first.u32(1).u32(2).u32(4).u32(4).raw([1, 2, 3, 4]).build();
  const messages: [number, string][] = [
    [3, 'x.pcap, byte 0: expected 4 bytes of capture file magic, found 3 (the file ends there)'],
    [20, 'x.pcap, byte 0: expected 24 bytes of pcap file header, found 20 (the file ends there)'],
    [
      50,
      'x.pcap, packet 2, byte 44: expected 16 bytes of packet header, found 6 (the file ends there)',
    ],
    [
      63,
      'x.pcap, packet 2, byte 60: expected 4 bytes of packet data, found 3 (the file ends there)',
    ],
  ];
  for (const [length, message] of messages) {
    let error: unknown;
    try {
      readCapture(whole.subarray(0, length), 'x.pcap');
    } catch (thrown) {
      error = thrown;
    }
    assert.instance(error, CaptureError);
    assert.is((error as CaptureError).message, message);
  }
});

test('a length of 4 GiB is an error, not an allocation', () => {
  const bytes = pcap().u32(1).u32(2).u32(0xffff_ffff).u32(0xffff_ffff).build();
  assert.throws(
    () => readCapture(bytes, 'x.pcap'),
    (error: CaptureError) =>
      error.packet === 1 && error.offset === 40 && error.expected.startsWith('4294967295 bytes'),
  );
});

test('more captured than there was on the wire is an error', () => {
  const bytes = pcap().u32(1).u32(2).u32(4).u32(3).raw([1, 2, 3, 4]).build();
  assert.throws(() => readCapture(bytes, 'x.pcap'), /packet 1, byte 32: .* at most 3,.* found 4/);
});

test('another version is an error', () => {
  const bytes = pcap().build();
  bytes[6] = 3;
  assert.throws(
    () => readCapture(bytes, 'x.pcap'),
    /byte 4: expected pcap version 2\.4, found 2\.3/,
  );
});

test.run();
