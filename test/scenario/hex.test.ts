import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesOfHex, hexOfNumber, normalizeHex } from '../../src/scenario/hex.js';
import { property } from '../support/property.js';

test('a number becomes little-endian bytes of its size, unless it does not fit', () => {
  assert.is(hexOfNumber(1, 4), '01000000');
  assert.is(hexOfNumber(0x0102, 2), '0201');
  assert.is(hexOfNumber(0, 1), '00');
  assert.is(hexOfNumber(256, 1), undefined);
  assert.is(hexOfNumber(Number.MAX_SAFE_INTEGER, 8), 'ffffffffffff1f00');
});

test('spaces, colons and capitals of a document are gone', () => {
  assert.is(normalizeHex('0A:0b 0C0d'), '0a0b0c0d');
});

property(
  'the bytes of a number are the ones that a DataView reads',
  'dist/test/scenario/hex.test.js',
  fc.property(fc.nat({ max: 2 ** 32 - 1 }), (value) => {
    const bytes = bytesOfHex(hexOfNumber(value, 4)!);
    assert.is(new DataView(bytes.buffer).getUint32(0, true), value);
  }),
);

test.run();
