import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCapture } from '../../src/capture/readCapture.js';
import { CaptureBuilder } from './captureBuilder.js';

const text = (value: string) => new TextEncoder().encode(value);
const little = () => new CaptureBuilder(true).section();
const read = (builder: CaptureBuilder) => readCapture(builder.build(), 'x.pcapng');

/** An enhanced packet of interface 0 with three bytes of data. */
const packet = (
  builder: CaptureBuilder,
  ticks = 0n,
  options: (inner: CaptureBuilder) => void = () => {},
) =>
  builder.block(6, (b) => {
    b.u32(0)
      .u32(Number(ticks >> 32n))
      .u32(Number(ticks & 0xffff_ffffn));
    options(b.u32(3).u32(60).padded([7, 8, 9]));
  });

for (const littleEndian of [true, false]) {
  test(`packets, options and interfaces are read, ${littleEndian ? 'little' : 'big'}-endian`, () => {
    const builder = new CaptureBuilder(littleEndian)
      .section()
      .interface(96, (b) =>
        b.option(2, text('veth0')).option(3, text('a pair')).option(9, [9]).u32(0),
      );
    packet(builder, 2n ** 33n + 5n, (b) =>
      b
        .option(1, text('hello'))
        .option(0x8bad, [1, 2])
        .option(2, new CaptureBuilder(littleEndian).u32(1).build())
        .option(4, new CaptureBuilder(littleEndian).u64(2n ** 40n).build())
        .option(5, new CaptureBuilder(littleEndian).u64(2n ** 60n).build())
        .option(6, new CaptureBuilder(littleEndian).u32(3).build())
        .option(7, [2, ...new CaptureBuilder(littleEndian).u64(4n).build()])
        .option(1, text('world')),
    );
    const { format, interfaces, packets } = read(builder);
    assert.is(format, 'pcapng');
    assert.equal(interfaces, [
      { name: 'veth0', description: 'a pair', linkType: 1, snapLength: 96 },
    ]);
    assert.equal(packets, [
      {
        data: Uint8Array.of(7, 8, 9),
        originalLength: 60,
        timestampNs: 2n ** 33n + 5n,
        interfaceId: 0,
        comment: 'hello\nworld',
        flags: 1,
        dropCount: 2n ** 40n,
        packetId: 2n ** 60n,
        queue: 3,
        xdpVerdict: 4,
      },
    ]);
  });
}

test('timestamps count in powers of 10 or of 2, from an offset, microseconds unless told', () => {
  const timeOf = (ticks: bigint, options?: (inner: CaptureBuilder) => void) =>
    read(packet(little().interface(0, options), ticks)).packets[0]!.timestampNs;
  const offset = new CaptureBuilder(true).u64(2n ** 64n - 2n).build();
  assert.is(timeOf(1_000_001n), 1_000_001_000n);
  assert.is(
    timeOf(3n, (b) => b.option(9, [0])),
    3_000_000_000n,
  );
  assert.is(
    timeOf(1_999n, (b) => b.option(9, [12])),
    1n,
  );
  assert.is(
    timeOf(3n, (b) => b.option(9, [0x80 | 1])),
    1_500_000_000n,
  );
  assert.is(
    timeOf(1n, (b) => b.option(9, [0xff])),
    0n,
  );
  assert.is(
    timeOf(5_000_000n, (b) => b.option(14, offset)),
    3_000_000_000n,
  );
});

test('sections number their interfaces anew, each in its own byte order', () => {
  const first = packet(little().interface(1).interface(2));
  const second = packet(new CaptureBuilder(false).section().interface(3));
  const both = Uint8Array.of(...first.build(), ...second.build());
  const { interfaces, packets } = readCapture(both, 'x.pcapng');
  assert.equal(
    interfaces.map((each) => each.snapLength),
    [1, 2, 3],
  );
  assert.equal(
    packets.map((each) => each.interfaceId),
    [0, 2],
  );
});

test('simple packets have no time, and the snap length tells how much of them is here', () => {
  const builder = little()
    .interface(5)
    .block(3, (b) => b.u32(100).padded([1, 2, 3, 4, 5]))
    .block(3, (b) => b.u32(3).padded([1, 2, 3]));
  assert.equal(read(builder).packets, [
    { data: Uint8Array.of(1, 2, 3, 4, 5), originalLength: 100, timestampNs: null, interfaceId: 0 },
    { data: Uint8Array.of(1, 2, 3), originalLength: 3, timestampNs: null, interfaceId: 0 },
  ]);
});

test('obsolete packet blocks are read, their drop count if there is one', () => {
  const obsolete = (drops: number) => (b: CaptureBuilder) => {
    b.u16(0).u16(drops).u32(0).u32(7).u32(2).u32(2).padded([1, 2]);
  };
  const builder = little().interface().block(2, obsolete(4)).block(2, obsolete(0xffff));
  const [dropped, unknown] = read(builder).packets;
  assert.is(dropped!.timestampNs, 7000n);
  assert.is(dropped!.dropCount, 4n);
  assert.is(unknown!.dropCount, undefined);
});

test('names, statistics, secrets and unknown blocks are skipped', () => {
  const builder = little().interface();
  for (const type of [4, 5, 10, 0xbad, 0x0bad_beef]) builder.block(type, (b) => b.u32(0xffff_ffff));
  assert.is(read(packet(builder)).packets.length, 1);
});

test('verdicts that are not XDP are left alone', () => {
  const { packets } = read(packet(little().interface(), 0n, (b) => b.option(7, [1, 2, 3])));
  assert.is(packets[0]!.xdpVerdict, undefined);
});

test('what is wrong with a file is said, with its place', () => {
  const spoilt = (at: number, value: number) => {
    const bytes = packet(little().interface()).build();
    bytes[at] = value;
    return () => readCapture(bytes, 'x.pcapng');
  };
  const interfaceBlock = 28;
  const packetBlock = interfaceBlock + 20;
  assert.throws(spoilt(8, 0), /x\.pcapng, byte 8: expected byte-order magic 0x1a2b3c4d/);
  assert.throws(spoilt(12, 2), /byte 12: expected pcapng version 1\.0, found 2\.0/);
  assert.throws(spoilt(4, 8), /byte 4: expected a block length of 12 or more.* found 8/);
  assert.throws(spoilt(4, 29), /a multiple of 4, found 29/);
  assert.throws(spoilt(7, 0xff), /byte 0: expected 4278190108 bytes of block, found 84/);
  assert.throws(spoilt(24, 32), /byte 24: expected the block length 28 again, found 32/);
  assert.throws(
    spoilt(packetBlock + 8, 1),
    /packet 1, byte 56: expected one of the 1 interfaces of its section, found interface 1/,
  );
  assert.throws(
    spoilt(packetBlock + 20, 61),
    /packet 1, byte 68: expected a captured length of at most 60.* found 61/,
  );
  assert.throws(
    spoilt(packetBlock + 20, 5),
    /packet 1, byte 76: expected 5 bytes of packet data, found 4 \(its block ends there\)/,
  );
});

test('a file that is cut says in which packet, or that it is not known to be one', () => {
  const bytes = packet(packet(little().interface())).build();
  const last = bytes.length - 36;
  const cut = (kept: number) => () => readCapture(bytes.subarray(0, last + kept), 'x.pcapng');
  assert.throws(cut(11), /^x\.pcapng, byte 84: expected 12 bytes of block, found 11/);
  assert.throws(cut(35), /^x\.pcapng, packet 2, byte 84: expected 36 bytes of block, found 35/);
});

test('text is UTF-8; a byte order mark is kept, and bytes that are none are replaced', () => {
  const comment = [0xef, 0xbb, 0xbf, 0xc3, 0xbc, 0xff];
  const { packets } = read(packet(little().interface(), 0n, (b) => b.option(1, comment)));
  assert.is(packets[0]!.comment, '\ufeff\u00fc\ufffd');
});

test('a wrong option is said, with its place', () => {
  const withOption = (options: (inner: CaptureBuilder) => void) => () =>
    read(packet(little().interface(), 0n, options));
  assert.throws(
    withOption((b) => b.option(6, [1, 2])),
    /packet 1, byte 84: expected 4 bytes of epb_queue, found 2/,
  );
  assert.throws(
    withOption((b) => b.u16(1).u16(400)),
    /packet 1, byte 84: expected 400 bytes of option 1, found 0 \(its block ends there\)/,
  );
  assert.throws(
    withOption((b) => b.option(7, [2, 0, 0, 0, 0, 1, 0, 0, 0])),
    /expected an XDP action of at most 4294967295, found 4294967296/,
  );
  assert.throws(
    () => read(little().interface(0, (b) => b.option(9, [1, 2]))),
    /byte 48: expected 1 bytes of if_tsresol, found 2/,
  );
});

test('packets before any interface are an error', () => {
  assert.throws(() => read(packet(little())), /one of the 0 interfaces/);
  assert.throws(() => read(little().block(3, (b) => b.u32(0))), /one of the 0 interfaces/);
});

test.run();
