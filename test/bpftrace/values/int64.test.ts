import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  and,
  divide,
  type Int64,
  int64,
  invert,
  isLess,
  modulo,
  multiply,
  negate,
  or,
  shiftLeft,
  shiftRight,
  subtract,
  truncate,
  unsigned,
  xor,
} from '../../../src/bpftrace/values/int64.js';
import { property } from '../../support/property.js';

const FILE = 'dist/test/bpftrace/values/int64.test.js';
/** Of all sizes, and often at the ends of numbers. */
const bits = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc.bigInt({ min: -9n, max: 9n }),
  fc
    .tuple(fc.constantFrom(31n, 32n, 53n, 62n, 63n), fc.bigInt({ min: -3n, max: 3n }), fc.boolean())
    .map(([power, more, isNegative]) => (isNegative ? -1n : 1n) * (1n << power) + more),
);
const wrap = (value: bigint) => BigInt.asIntN(64, value);
const plain = (value: bigint) => BigInt.asUintN(64, value);

/** 64-bit arithmetic as it is defined. */
const operations: readonly [
  string,
  (a: Int64, b: Int64) => Int64,
  (a: bigint, b: bigint) => bigint,
][] = [
  ['+', add, (a, b) => a + b],
  ['-', subtract, (a, b) => a - b],
  ['*', multiply, (a, b) => a * b],
  ['/', divide, (a, b) => (b === 0n ? 0n : plain(a) / plain(b))],
  ['%', modulo, (a, b) => (b === 0n ? a : plain(a) % plain(b))],
  ['&', and, (a, b) => a & b],
  ['|', or, (a, b) => a | b],
  ['^', xor, (a, b) => a ^ b],
  ['<<', shiftLeft, (a, b) => a << (plain(b) & 63n)],
  ['>>', shiftRight, (a, b) => plain(a) >> (plain(b) & 63n)],
];

for (const [name, operation, definition] of operations) {
  property(
    `${name} is that of 64 bits`,
    FILE,
    fc.property(bits, bits, (x, y) => {
      const [a, b] = [wrap(x), wrap(y)];
      const result = operation(int64(a), int64(b));
      assert.is(BigInt(result), wrap(definition(a, b)));
      assert.is(result === int64(BigInt(result)), true, 'one value has one form');
    }),
  );
}

property(
  'signs, comparisons and casts are those of 64 bits',
  FILE,
  fc.property(bits, bits, fc.constantFrom(1, 2, 4, 8), (x, y, bytes) => {
    const [a, b] = [wrap(x), wrap(y)];
    const [left, right] = [int64(a), int64(b)];
    assert.is(BigInt(negate(left)), wrap(-a));
    assert.is(BigInt(invert(left)), ~a);
    assert.is(BigInt(unsigned(left)), plain(a));
    assert.is(isLess(left, right, true), a < b);
    assert.is(isLess(left, right, false), plain(a) < plain(b));
    assert.is(BigInt(truncate(left, bytes, true)), BigInt.asIntN(bytes * 8, a));
    // 64 bits without a sign are kept as those with one.
    if (bytes < 8) assert.is(BigInt(truncate(left, bytes, false)), BigInt.asUintN(bytes * 8, a));
  }),
);

test.run();
