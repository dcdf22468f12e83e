import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { arpFrame, echoFrame, tcpFrame, udpFrame } from '../../src/packet/build.js';
import { parseFrame } from '../../src/packet/frame.js';
import { formatIp, parseIp } from '../../src/packet/ipAddress.js';
import { formatMac } from '../../src/packet/mac.js';
import { PacketError } from '../../src/packet/packetError.js';
import { TCP_FLAG } from '../../src/packet/tcp.js';
import { transportChecksumState } from '../../src/packet/transportChecksum.js';
import { property } from '../support/property.js';

const FILE = 'dist/test/packet/frame.test.js';
const V4 = { src: '10.0.0.1', dst: '192.0.2.1' };
const V6 = { src: '2001:db8::1', dst: '2001:db8::2' };

const port = fc.nat(0xffff);
const payload = fc.uint8Array({ maxLength: 300 });
const addresses = fc.oneof(fc.tuple(fc.ipV4(), fc.ipV4()), fc.tuple(fc.ipV6(), fc.ipV6()));
const vlans = fc.array(
  fc.record(
    {
      tpid: fc.constantFrom(0x8100, 0x88a8),
      vid: fc.nat(4095),
      pcp: fc.nat(7),
      dei: fc.boolean(),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 2 },
);

property(
  'a UDP frame is parsed back to the values that it was built from',
  FILE,
  fc.property(addresses, port, port, payload, vlans, (pair, sport, dport, data, tags) => {
    const [src, dst] = pair.map(parseIp) as [Uint8Array, Uint8Array];
    const frame = parseFrame(udpFrame({ src, dst, sport, dport, payload: data, vlans: tags }));
    const ip = frame.ipv4 ?? frame.ipv6!;
    assert.equal([ip.src, ip.dst], [src, dst]);
    assert.equal([frame.udp!.sport, frame.udp!.dport], [sport, dport]);
    assert.equal(frame.payload, data);
    assert.equal(frame.ethernet.vlans, tags);
    assert.is(transportChecksumState(frame), 'valid');
    assert.is(frame.ipv4?.hasValidChecksum ?? true, true);
  }),
);

property(
  'any bit of a TCP segment that flips makes its checksum wrong',
  FILE,
  fc.property(fc.constantFrom(V4, V6), payload, fc.nat(), (pair, data, flipped) => {
    const bytes = tcpFrame({ ...pair, sport: 1, dport: 2, payload: data });
    const { start, headerLength } = parseFrame(bytes).tcp!;
    // Not the header length: a segment that does not parse has no checksum to ask for.
    const positions = bytes.length - start - 1;
    const at = start + (flipped % positions);
    bytes[at >= start + 12 ? at + 1 : at]! ^= 1 << (flipped % 8);
    assert.is(headerLength, 20);
    assert.is.not(transportChecksumState(parseFrame(bytes)), 'valid');
  }),
);

test('a TCP frame carries its sequence numbers, flags and window', () => {
  const { tcp, ipv6 } = parseFrame(
    tcpFrame({
      ...V6,
      sport: 443,
      dport: 50000,
      seq: 0xffffffff,
      ack: 0x80000000,
      flags: TCP_FLAG.syn | TCP_FLAG.ack,
      window: 1024,
      ttl: 7,
      tos: 0xb8,
    }),
  );
  assert.equal(
    [tcp!.sport, tcp!.dport, tcp!.seq, tcp!.ack, tcp!.flags, tcp!.window],
    [443, 50000, 0xffffffff, 0x80000000, 0x12, 1024],
  );
  assert.equal([ipv6!.hopLimit, ipv6!.trafficClass, ipv6!.flowLabel], [7, 0xb8, 0]);
});

test('echo messages have valid ICMP and ICMPv6 checksums', () => {
  const v4 = parseFrame(echoFrame({ ...V4, id: 3, sequence: 4, payload: 'ping' }));
  const v6 = parseFrame(echoFrame({ ...V6, id: 3, reply: true }));
  assert.equal([v4.icmp!.type, v4.icmp!.id, v4.icmp!.sequence], [8, 3, 4]);
  assert.is(v6.icmp!.type, 129);
  assert.is(transportChecksumState(v4), 'valid');
  assert.is(transportChecksumState(v6), 'valid');
});

test('an ARP request is parsed back, behind a VLAN tag too', () => {
  const { arp, ethernet } = parseFrame(
    arpFrame({
      operation: 1,
      senderMac: '02:00:00:00:00:01',
      senderIp: '10.0.0.1',
      targetMac: '00:00:00:00:00:00',
      targetIp: '10.0.0.2',
      dstMac: 'ff:ff:ff:ff:ff:ff',
      vlans: [{ vid: 5 }],
    }),
  );
  assert.is(formatMac(ethernet.dst), 'ff:ff:ff:ff:ff:ff');
  assert.is(formatMac(arp!.senderMac), '02:00:00:00:00:01');
  assert.equal([formatIp(arp!.senderIp), formatIp(arp!.targetIp)], ['10.0.0.1', '10.0.0.2']);
});

test('a length extends the payload with zeros', () => {
  const bytes = udpFrame({ ...V4, sport: 1, dport: 2, payload: 'hi', length: 64 });
  const { payload: data } = parseFrame(bytes);
  assert.is(bytes.length, 64);
  assert.equal([...data], [104, 105, ...new Array(20).fill(0)]);
});

test('padding of Ethernet or IP is no part of the payload', () => {
  for (const pair of [V4, V6]) {
    const bytes = new Uint8Array(90);
    bytes.set(tcpFrame({ ...pair, sport: 1, dport: 2, payload: 'hi' }));
    assert.equal(parseFrame(bytes).payload, new TextEncoder().encode('hi'));
  }
  const datagram = udpFrame({ ...V4, sport: 1, dport: 2, payload: 'hi' });
  datagram[39]! -= 1;
  assert.equal(parseFrame(datagram).payload, new TextEncoder().encode('h'));
});

test('a third VLAN tag is left as the EtherType', () => {
  const vlans = [{ tpid: 0x88a8, vid: 1 }, { vid: 2 }];
  const bytes = udpFrame({ ...V4, sport: 1, dport: 2, vlans });
  bytes.set([0x81, 0x00], 20);
  const { ethernet, ipv4 } = parseFrame(bytes);
  assert.equal([ethernet.tagCount, ethernet.etherType, ipv4], [2, 0x8100, null]);
});

test('a UDP checksum that comes out as 0 is sent as ffff', () => {
  const build = (payload: number[]) =>
    parseFrame(udpFrame({ ...V4, sport: 1, dport: 2, payload: Uint8Array.from(payload) }));
  const { checksum } = build([0, 0]).udp!;
  // Adding a sum's complement to it gives ffff, of which the complement is 0.
  const frame = build([checksum >>> 8, checksum & 255]);
  assert.is(frame.udp!.checksum, 0xffff);
  assert.is(transportChecksumState(frame), 'valid');
});

test('a wrong field is named when a frame is built', () => {
  const udp = { ...V4, sport: 1, dport: 2 };
  assert.throws(
    () => udpFrame({ ...udp, sport: 65536 }),
    /UDP source port.*0\.\.65535, found 65536/,
  );
  assert.throws(() => udpFrame({ ...udp, dst: '::1' }), /expected two of one IP version/);
  assert.throws(() => udpFrame({ ...udp, length: 41 }), /frame length.*42\.\.65549, found 41/);
  assert.throws(() => udpFrame({ ...udp, length: 1e12 }), /frame length/);
  const payload = new Uint8Array(65_508);
  assert.throws(() => udpFrame({ ...udp, payload }), /payload in bytes.*65549, found 65550/);
  assert.throws(() => udpFrame({ ...udp, vlans: [{ vid: 4096 }] }), /VLAN vid/);
  assert.throws(() => tcpFrame({ ...udp, flags: 256 }), /TCP flags/);
});

test('a header that does not hold together is named, with its place', () => {
  const good = udpFrame({ ...V4, sport: 1, dport: 2 });
  const cases: [string, number, number, RegExp][] = [
    ['Ethernet', 0, 13, /Ethernet header at byte 0: expected 14 bytes, found 13/],
    ['IPv4', 14, 33, /IPv4 header at byte 14: expected 20 bytes, found 19/],
    ['UDP', 34, 41, /UDP header at byte 34: expected 8 bytes, found 7/],
  ];
  for (const [layer, offset, length, message] of cases) {
    assert.throws(
      () => parseFrame(good.subarray(0, length)),
      (error: Error) =>
        error instanceof PacketError &&
        error.layer === layer &&
        error.offset === offset &&
        message.test(error.message),
    );
  }
  const change = (at: number, value: number) => {
    const bytes = good.slice();
    bytes[at] = value;
    return bytes;
  };
  assert.throws(() => parseFrame(change(14, 0x65)), /expected version 4, found 6/);
  assert.throws(() => parseFrame(change(14, 0x44)), /header length of 20\.\.28 bytes, found 16/);
  assert.throws(() => parseFrame(change(17, 19)), /total length of 20 or more, found 19/);
  assert.throws(() => parseFrame(change(39, 7)), /UDP.*length of 8 or more, found 7/);
});

test('a partial checksum, none, a wrong one and one that cannot be checked are told apart', () => {
  const bytes = udpFrame({ ...V4, sport: 1, dport: 2, payload: 'hello' });
  const { udp } = parseFrame(bytes);
  const state = (checksum: number) => {
    const changed = bytes.slice();
    changed[udp!.start + 6] = checksum >>> 8;
    changed[udp!.start + 7] = checksum;
    return transportChecksumState(parseFrame(changed));
  };
  // 10.0.0.1 + 192.0.2.1 + protocol 17 + length 13
  assert.is(state(0x0a00 + 0x0001 + 0xc000 + 0x0201 + 17 + 13), 'partial');
  assert.is(state(0), 'none');
  assert.is(state(udp!.checksum ^ 1), 'wrong');
  const segment = tcpFrame({ ...V6, sport: 1, dport: 2, payload: 'hello' });
  for (const whole of [bytes, segment]) {
    assert.is(transportChecksumState(parseFrame(whole.subarray(0, -1))), 'unknown');
  }
  const fragment = bytes.slice();
  fragment[20] = 0x20;
  assert.is(transportChecksumState(parseFrame(fragment)), 'unknown');
});

property(
  'no bytes make the parser do anything but parse or throw a PacketError',
  FILE,
  fc.property(
    fc.constantFrom(V4, V6),
    fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 6 }),
    fc.nat(90),
    (pair, changes, length) => {
      const bytes = tcpFrame({ ...pair, sport: 1, dport: 2, length: 90 }).subarray(0, length);
      for (const [at, value] of changes) if (at < length) bytes[at] = value;
      try {
        transportChecksumState(parseFrame(bytes));
      } catch (error) {
        if (!(error instanceof PacketError)) throw error;
      }
    },
  ),
  { numRuns: 3000 },
);

test.run();
