import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BtfError } from '../../../src/bpf/btf/btfError.js';
import { parseBtf } from '../../../src/bpf/btf/parseBtf.js';
import { resolveAlignment, resolveSize, skipModifiers } from '../../../src/bpf/btf/resolveType.js';
import { BtfBuilder, KIND } from '../support/btfBuilder.js';

test('a size goes through typedefs, qualifiers and arrays', () => {
  const builder = new BtfBuilder();
  const int = builder.int('int', 4, 1);
  const typedef = builder.add(KIND.TYPEDEF, 'number', { sizeOrType: int });
  const constant = builder.add(KIND.CONST, '', { sizeOrType: typedef });
  const matrix = builder.array(builder.array(constant, 3), 5);
  const btf = parseBtf(builder.build(), 'test');
  assert.is(skipModifiers(btf, constant).id, int);
  assert.is(resolveSize(btf, matrix), 60);
  assert.is(resolveAlignment(btf, matrix), 4);
});

test('a struct is aligned like its widest member, a packed one like a byte', () => {
  const builder = new BtfBuilder();
  const byte = builder.int('u8', 1);
  const long = builder.int('u64', 8);
  const padded = builder.struct('padded', 16, [
    ['a', byte, 0],
    ['b', long, 64],
  ]);
  const packed = builder.struct('packed', 9, [
    ['a', byte, 0],
    ['b', long, 8],
  ]);
  const btf = parseBtf(builder.build(), 'test');
  assert.is(resolveAlignment(btf, padded), 8);
  assert.is(resolveAlignment(btf, packed), 1);
});

test('cyclic types end in an error', () => {
  const builder = new BtfBuilder();
  const a = builder.add(KIND.TYPEDEF, 'a', { sizeOrType: 2 });
  builder.add(KIND.TYPEDEF, 'b', { sizeOrType: 1 });
  const nested = builder.array(3, 1);
  const own = builder.struct('own', 8, [['self', 4, 0]]);
  const btf = parseBtf(builder.build(), 'test');
  assert.throws(() => skipModifiers(btf, a), /is it a cycle\?/);
  assert.throws(() => resolveSize(btf, nested), /is it a cycle\?/);
  assert.throws(() => resolveAlignment(btf, own), /is it a cycle\?/);
});

test('what has no size and what is too large is refused', () => {
  const builder = new BtfBuilder();
  const forward = builder.add(KIND.FWD, 'later', {});
  const long = builder.int('u64', 8);
  const huge = builder.array(builder.array(long, 0xffff_ffff), 0xffff_ffff);
  const btf = parseBtf(builder.build(), 'test');
  for (const id of [0, forward, huge]) {
    assert.throws(
      () => resolveSize(btf, id),
      (e: unknown) => e instanceof BtfError,
    );
  }
});

test('alignment of a type that many members share takes linear time', () => {
  const builder = new BtfBuilder();
  let inner = builder.int('u8', 1);
  for (let level = 0; level < 30; level++) {
    inner = builder.struct(
      '',
      1,
      Array.from({ length: 4 }, () => ['', inner, 0] as const),
    );
  }
  assert.is(resolveAlignment(parseBtf(builder.build(), 'test'), inner), 1);
});

test.run();
