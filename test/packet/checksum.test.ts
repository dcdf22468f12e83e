import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { getU16, putU16 } from '../../src/packet/bytes.js';
import { addToSum, internetChecksum, updateChecksum } from '../../src/packet/checksum.js';
import { property } from '../support/property.js';

const FILE = 'dist/test/packet/checksum.test.js';

test('the example of RFC 1071 sums to ddf2', () => {
  const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  assert.is(internetChecksum(bytes, 0, bytes.length), ~0xddf2 & 0xffff);
});

test('the example of RFC 1624 is updated to 0000, not to ffff', () => {
  assert.is(updateChecksum(0xdd2f, 0x5555, 0x3285), 0x0000);
});

test('the largest packet does not overflow the sum', () => {
  const bytes = new Uint8Array(0x10000).fill(0xff);
  assert.is(internetChecksum(bytes, 0, bytes.length, 0xffff), 0);
});

test('the carry of a carry is carried', () => {
  assert.is(internetChecksum(Uint8Array.of(0xff, 0xff), 0, 2, 0x10000), ~0x0001 & 0xffff);
});

property(
  'the checksum is that of one long number modulo 65535, complemented',
  FILE,
  fc.property(fc.uint8Array({ minLength: 1, maxLength: 3000 }), (bytes) => {
    const even = bytes.length % 2 === 0 ? bytes : Uint8Array.of(...bytes, 0);
    const number = BigInt(`0x${Buffer.from(even).toString('hex')}`);
    // In one's complement only a sum of nothing but zeros is 0; other multiples of 65535 are 65535.
    const sum = number === 0n ? 0 : Number(number % 65535n) || 0xffff;
    assert.is(internetChecksum(bytes, 0, bytes.length), ~sum & 0xffff);
  }),
);

property(
  'pieces of even length may be summed one by one',
  FILE,
  fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(100), (bytes, half) => {
    const cut = Math.min(2 * half, bytes.length & ~1);
    const sum = addToSum(bytes, cut, bytes.length, addToSum(bytes, 0, cut));
    assert.is(sum, addToSum(bytes, 0, bytes.length));
  }),
);

property(
  'an update of one word gives what a new computation gives',
  FILE,
  fc.property(
    fc.uint8Array({ minLength: 4, maxLength: 60 }),
    fc.nat(),
    fc.nat(0xffff),
    (bytes, at, word) => {
      bytes[0] = 0x45; // a header is never all zeros, where the two representations of 0 would part
      const offset = 2 + 2 * (at % ((bytes.length - 2) >> 1));
      const before = internetChecksum(bytes, 0, bytes.length);
      const updated = updateChecksum(before, getU16(bytes, offset), word);
      putU16(bytes, offset, word);
      assert.is(updated, internetChecksum(bytes, 0, bytes.length));
    },
  ),
);

test.run();
