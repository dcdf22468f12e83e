import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { echoFrame, tcpFrame, udpFrame } from '../../src/packet/build.js';
import { type Flow, flowOf } from '../../src/packet/flow.js';
import { parseIp } from '../../src/packet/ipAddress.js';
import { equalIndirection, Rss } from '../../src/packet/rss.js';
import { MICROSOFT_RSS_KEY, toeplitzHash, toeplitzTable } from '../../src/packet/toeplitz.js';
import { property } from '../support/property.js';

const FILE = 'dist/test/packet/rss.test.js';

/** Microsoft, "Verifying the RSS Hash Calculation": destination, source, hash of addresses, hash with ports. */
const VERIFICATION_SUITE: [string, number, string, number, number, number][] = [
  ['161.142.100.80', 1766, '66.9.149.187', 2794, 0x323e8fc2, 0x51ccc178],
  ['65.69.140.83', 4739, '199.92.111.2', 14230, 0xd718262a, 0xc626b0ea],
  ['12.22.207.184', 38024, '24.19.198.95', 12898, 0xd2d0a5de, 0x5c2b394a],
  ['209.142.163.6', 2217, '38.27.205.30', 48228, 0x82989176, 0xafc7327f],
  ['202.188.127.2', 1303, '153.39.163.191', 44251, 0x5d1809c5, 0x10e828a2],
  ['3ffe:2501:200:3::1', 1766, '3ffe:2501:200:1fff::7', 2794, 0x2cc18cd5, 0x40207d3d],
  ['ff02::1', 4739, '3ffe:501:8::260:97ff:fe40:efab', 14230, 0x0f0c461c, 0xdde51bbf],
  [
    'fe80::200:f8ff:fe21:67cf',
    38024,
    '3ffe:1900:4545:3:200:f8ff:fe21:67cf',
    44251,
    0x4b61e985,
    0x02d1feef,
  ],
];

test("Microsoft's verification suite holds, for flows and for frames", () => {
  const rss = new Rss({ indirection: equalIndirection(4) });
  for (const [dst, dport, src, sport, addressHash, portHash] of VERIFICATION_SUITE) {
    const flow: Flow = { src: parseIp(src), dst: parseIp(dst), protocol: 6, ports: null };
    assert.is(rss.hashOfFlow(flow), addressHash);
    assert.is(rss.hashOfFlow({ ...flow, ports: { sport, dport } }), portHash);
    assert.is(rss.hashOf(tcpFrame({ src, dst, sport, dport })), portHash);
    assert.is(rss.hashOf(udpFrame({ src, dst, sport, dport })), portHash);
    assert.is(rss.hashOf(echoFrame({ src, dst })), addressHash);
  }
});

/** The definition, bit by bit, over one long number. */
function toeplitzByDefinition(key: Uint8Array, input: Uint8Array): number {
  const keyBits = BigInt(`0x${Buffer.from(key).toString('hex')}`);
  let hash = 0n;
  for (let bit = 0; bit < input.length * 8; bit++) {
    if (((input[bit >> 3]! >> (7 - (bit & 7))) & 1) === 0) continue;
    hash ^= (keyBits >> BigInt(key.length * 8 - 32 - bit)) & 0xffff_ffffn;
  }
  return Number(hash);
}

property(
  'the table gives what the definition gives, for any key, in one piece or two',
  FILE,
  fc.property(
    fc.uint8Array({ minLength: 40, maxLength: 52 }),
    fc.uint8Array({ minLength: 1, maxLength: 36 }),
    fc.nat(),
    (key, input, cutAt) => {
      const table = toeplitzTable(key);
      const cut = cutAt % input.length;
      const expected = toeplitzByDefinition(key, input);
      const first = toeplitzHash(table, input, 0, cut);
      assert.is(toeplitzHash(table, input, 0, input.length), expected);
      assert.is(toeplitzHash(table, input, cut, input.length, first, cut), expected);
    },
  ),
);

property(
  'a frame hashes as its flow does',
  FILE,
  fc.property(fc.ipV6(), fc.ipV6(), fc.nat(0xffff), fc.nat(0xffff), (src, dst, sport, dport) => {
    const rss = new Rss({ indirection: [0] });
    const frame = udpFrame({ src, dst, sport, dport });
    assert.is(rss.hashOf(frame), rss.hashOfFlow(flowOf(frame)!));
  }),
);

test('the low bits of the hash choose the entry of the indirection table', () => {
  const rss = new Rss({ indirection: [5, 6, 7, 8] });
  const frame = tcpFrame({ src: '66.9.149.187', dst: '161.142.100.80', sport: 2794, dport: 1766 });
  assert.is(rss.hashOf(frame), 0x51ccc178);
  assert.is(rss.queueOf(frame), 5);
  assert.is(rss.queueOfHash(0xffff_fffe), 7);
});

test('a frame that is not IP has hash 0 and goes to the first entry', () => {
  const rss = new Rss({ indirection: [3, 0] });
  assert.is(rss.hashOf(new Uint8Array(60)), 0);
  assert.is(rss.queueOf(new Uint8Array(60)), 3);
});

test('the default table deals the queues out in turn, 128 entries', () => {
  const table = equalIndirection(3);
  assert.is(table.length, 128);
  assert.equal(table.slice(0, 4), [0, 1, 2, 0]);
});

test('a key or a table that cannot work is refused', () => {
  assert.throws(() => new Rss({ indirection: [0, 1, 2] }), /a power of 2 of entries, found 3/);
  assert.throws(() => new Rss({ indirection: [] }), /a power of 2 of entries, found 0/);
  assert.throws(() => new Rss({ indirection: [0, -1] }), /entry 1: .* found -1/);
  assert.throws(() => equalIndirection(0), /RSS queues: .*1\.\.128, found 0/);
  const key = MICROSOFT_RSS_KEY.subarray(0, 39);
  assert.throws(() => new Rss({ key, indirection: [0] }), /40 bytes or more, found 39/);
});

test.run();
