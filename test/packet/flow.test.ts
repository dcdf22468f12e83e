import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { arpFrame, echoFrame, tcpFrame, udpFrame } from '../../src/packet/build.js';
import { flowOf, formatFlow } from '../../src/packet/flow.js';
import { parseFrame } from '../../src/packet/frame.js';
import { EXTENSIONS_MAX } from '../../src/packet/ipv6Extensions.js';
import { property } from '../support/property.js';

const FILE = 'dist/test/packet/flow.test.js';
const V4 = { src: '10.0.0.1', dst: '192.0.2.1' };
const V6 = { src: '2001:db8::1', dst: '2001:db8::2' };
const UDP6 = { ...V6, sport: 1, dport: 2 };

/** Bytes of a frame with `extensions` put between IPv6 and transport header; each is [kind, bytes]. */
function withExtensions(frame: Uint8Array, extensions: [number, number[]][]): Uint8Array {
  const kinds = [...extensions.map(([kind]) => kind), frame[20]!];
  const chain = extensions.flatMap(([, body], i) => [kinds[i + 1]!, ...body]);
  const out = Uint8Array.of(...frame.subarray(0, 54), ...chain, ...frame.subarray(54));
  out[20] = kinds[0]!;
  const payloadLength = out.length - 54;
  out.set([payloadLength >> 8, payloadLength & 255], 18);
  return out;
}

const text = (frame: Uint8Array) => {
  const flow = flowOf(frame);
  return flow === null ? null : formatFlow(flow);
};
const hopByHop: [number, number[]] = [0, [0, 0, 0, 0, 0, 0, 0]];
const routing24: [number, number[]] = [43, [2, ...new Array(22).fill(0)]];
const authentication16: [number, number[]] = [51, [2, ...new Array(14).fill(0)]];
const fragment = (offset: number, more: boolean): [number, number[]] => [
  44,
  [255, offset >> 8, (offset & 0xf8) | (more ? 1 : 0), 0, 0, 0, 1],
];

test('the flow of a UDP or TCP frame is its 5-tuple, behind VLAN tags too', () => {
  const frame = { ...V4, sport: 1024, dport: 53, vlans: [{ tpid: 0x88a8, vid: 1 }, { vid: 2 }] };
  assert.is(text(udpFrame(frame)), '10.0.0.1:1024>192.0.2.1:53/udp');
  assert.is(text(tcpFrame(UDP6)), '[2001:db8::1]:1>[2001:db8::2]:2/tcp');
});

test('other protocols have a 2-tuple, and frames without IP no flow', () => {
  assert.is(text(echoFrame(V4)), '10.0.0.1>192.0.2.1/icmp');
  assert.is(text(echoFrame(V6)), '2001:db8::1>2001:db8::2/icmp6');
  const mac = '02:00:00:00:00:01';
  const arp = { operation: 1, senderMac: mac, senderIp: V4.src, targetMac: mac, targetIp: V4.dst };
  assert.is(text(arpFrame(arp)), null);
  assert.is(text(new Uint8Array(13)), null);
});

test('all fragments of an IPv4 datagram have the same 2-tuple', () => {
  for (const bits of [0x20, 0x01]) {
    const frame = udpFrame({ ...V4, sport: 1, dport: 2 });
    frame[20] = bits;
    assert.is(text(frame), '10.0.0.1>192.0.2.1/udp');
  }
  const dontFragment = udpFrame({ ...V4, sport: 1, dport: 2 });
  dontFragment[20] = 0x40;
  assert.is(text(dontFragment), '10.0.0.1:1>192.0.2.1:2/udp');
});

test('IPv6 extension headers are walked over', () => {
  const frame = withExtensions(udpFrame(UDP6), [hopByHop, routing24, authentication16]);
  assert.is(text(frame), '[2001:db8::1]:1>[2001:db8::2]:2/udp');
  assert.is(parseFrame(frame).udp!.dport, 2);
});

test('IPv6 fragments fall to the 2-tuple, and only the first has a UDP header', () => {
  const first = withExtensions(udpFrame(UDP6), [fragment(0, true)]);
  const later = withExtensions(udpFrame(UDP6), [fragment(8, false)]);
  assert.is(text(first), '2001:db8::1>2001:db8::2/udp');
  assert.is(text(later), '2001:db8::1>2001:db8::2/udp');
  assert.is(parseFrame(first).udp!.sport, 1);
  assert.is(parseFrame(later).udp, null);
});

test('what follows the header of a later fragment is data, whatever it looks like', () => {
  const options: [number, number[]] = [60, [255, ...new Array(6).fill(0)]];
  const { protocol, payload } = parseFrame(
    withExtensions(udpFrame(UDP6), [fragment(8, false), options]),
  );
  assert.is(protocol, 60);
  assert.is(payload.length, 8 + 8);
});

test('a chain of extension headers that does not end is an error, not a loop', () => {
  const endless = withExtensions(udpFrame(UDP6), new Array(EXTENSIONS_MAX + 1).fill(hopByHop));
  assert.throws(() => parseFrame(endless), /IPv6.*at most 8 extension headers/);
  assert.is(text(endless), '2001:db8::1>2001:db8::2/proto-0');
  const cut = withExtensions(udpFrame(UDP6), [routing24]).subarray(0, 60);
  assert.throws(() => parseFrame(cut), /8 bytes of extension header 43 at byte 54, found 6/);
});

test('a frame cut by the snap length keeps its flow while its ports are there', () => {
  const frame = udpFrame({ ...V4, sport: 1, dport: 2, length: 1500 });
  assert.is(text(frame.subarray(0, 38)), '10.0.0.1:1>192.0.2.1:2/udp');
  assert.is(text(frame.subarray(0, 37)), '10.0.0.1>192.0.2.1/udp');
});

property(
  'any bytes have a flow or none',
  FILE,
  fc.property(fc.constantFrom(0x0800, 0x86dd, 0x8100), fc.uint8Array(), (etherType, rest) => {
    const frame = Uint8Array.of(...new Uint8Array(12), etherType >> 8, etherType & 255, ...rest);
    const flow = flowOf(frame);
    if (flow !== null) assert.is(flow.src.length, flow.dst.length);
  }),
  { numRuns: 2000 },
);

test.run();
