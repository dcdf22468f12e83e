import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Btf } from '../../../src/bpf/btf/btf.js';
import { BtfError } from '../../../src/bpf/btf/btfError.js';
import { encodeValue } from '../../../src/bpf/btf/encodeValue.js';
import { formatValue } from '../../../src/bpf/btf/formatValue.js';
import { parseBtf } from '../../../src/bpf/btf/parseBtf.js';
import { loadObjectSpec } from '../../../src/bpf/spec/loadObjectSpec.js';
import { property } from '../../support/property.js';
import { BtfBuilder, KIND } from '../support/btfBuilder.js';
import { readFixture } from '../support/fixtures.js';

/** `config` of the fixture globals, which has every kind of member. */
function config(): { btf: Btf; typeId: number; bytes: Uint8Array } {
  const object = loadObjectSpec(readFixture('globals', 'clang19'), 'globals.o');
  const data = object.maps.find(({ name }) => name === '.rodata')!.data!;
  const variable = data.variables.find(({ name }) => name === 'config')!;
  return {
    btf: object.btf!,
    typeId: variable.typeId!,
    bytes: data.bytes.subarray(variable.offset),
  };
}

test('a struct is formatted as bpftool does, anonymous members in their parent', () => {
  const { btf, typeId, bytes } = config();
  assert.equal(formatValue(btf, typeId, bytes), {
    ports: [80, 443, 0, 0],
    action: 'LOSE',
    enabled: true,
    name: 'steer',
    low: '0x3',
    high: '0x3e8',
    wide: 0x1122334455667788n,
    bytes: [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11],
    pointer: 0,
  });
});

test('what bpftool leaves unquoted in plain output is made by the caller, text is not', () => {
  const { btf, typeId, bytes } = config();
  const raw = (text: string) => ({ raw: text });
  const { low, high, pointer, name } = formatValue(btf, typeId, bytes, raw) as Record<
    string,
    unknown
  >;
  assert.equal([low, high, pointer], [{ raw: '0x3' }, { raw: '0x3e8' }, { raw: '(nil)' }]);
  assert.is(name, 'steer');
});

test('encoding is the inverse of formatting', () => {
  const { btf, typeId, bytes } = config();
  const { bytes: _, ...value } = formatValue(btf, typeId, bytes) as Record<string, never>;
  assert.equal(
    encodeValue(btf, typeId, value),
    bytes.slice(0, encodeValue(btf, typeId, {}).length),
  );
});

property(
  'integers of any width and sign come back as they were',
  import.meta.filename,
  fc.property(
    fc.constantFrom(1, 2, 4, 8),
    fc.boolean(),
    fc.bigInt(-(1n << 63n), (1n << 64n) - 1n),
    (size, signed, raw) => {
      const builder = new BtfBuilder();
      const id = builder.int('number', size, signed ? 1 : 0);
      const btf = parseBtf(builder.build(), 'test');
      const value = signed ? BigInt.asIntN(size * 8, raw) : BigInt.asUintN(size * 8, raw);
      assert.is(BigInt(formatValue(btf, id, encodeValue(btf, id, value)) as number), value);
    },
  ),
);

test('text that is not printable or not terminated stays an array', () => {
  const builder = new BtfBuilder();
  const text = builder.array(builder.int('char', 1, 1), 3);
  const btf = parseBtf(builder.build(), 'test');
  assert.equal(formatValue(btf, text, Buffer.from('hi\0')), 'hi');
  assert.equal(formatValue(btf, text, Buffer.from('hi!')), [0x68, 0x69, 0x21]);
  assert.equal(formatValue(btf, text, Uint8Array.of(0xff, 0, 0)), [-1, 0, 0]);
});

test('a member called __proto__ is an ordinary member', () => {
  const builder = new BtfBuilder();
  const id = builder.struct('odd', 1, [['__proto__', builder.int('u8', 1), 0]]);
  const value = formatValue(parseBtf(builder.build(), 'test'), id, Uint8Array.of(7));
  assert.equal(Object.entries(value), [['__proto__', 7]]);
});

test('a data section lists its variables', () => {
  const builder = new BtfBuilder();
  const int = builder.int('int', 4, 1);
  const variable = builder.add(KIND.VAR, 'seen', { sizeOrType: int }, [1]);
  const section = builder.add(KIND.DATASEC, '.data', { vlen: 1, sizeOrType: 8 }, [variable, 4, 4]);
  const bytes = Uint8Array.of(0, 0, 0, 0, 5, 0, 0, 0);
  assert.equal(formatValue(parseBtf(builder.build(), 'test'), section, bytes), {
    '.data': [{ seen: 5 }],
  });
});

test('too few bytes are a RangeError', () => {
  const { btf, typeId } = config();
  assert.throws(
    () => formatValue(btf, typeId, new Uint8Array(4)),
    (e: unknown) => e instanceof RangeError,
  );
});

test('types made to explode are refused', () => {
  const builder = new BtfBuilder();
  const empty = builder.struct('empty', 0, []);
  const many = builder.array(empty, 0xffff_ffff);
  const outside = builder.struct('outside', 4, [['far', builder.int('int', 4), 0xffff00]]);
  const btf = parseBtf(builder.build(), 'test');
  assert.throws(
    () => formatValue(btf, many, new Uint8Array(0)),
    (e: unknown) => e instanceof BtfError,
  );
  assert.throws(
    () => formatValue(btf, outside, new Uint8Array(4)),
    (e: unknown) => e instanceof BtfError,
  );
});

function setInt(value: number): Uint8Array {
  const builder = new BtfBuilder();
  const id = builder.int('s8', 1, 1);
  return encodeValue(parseBtf(builder.build(), 'test'), id, value, 'byte');
}

test('values that do not fit name the path to them', () => {
  const { btf, typeId } = config();
  const encode = (value: Record<string, never>) => () => encodeValue(btf, typeId, value, 'config');
  assert.throws(
    encode({ ports: [1, 65536] } as never),
    'config.ports[1]: 65536 does not fit in 16 unsigned bits',
  );
  assert.throws(
    encode({ ports: [1, 2, 3, 4, 5] } as never),
    'config.ports: expected at most 4 elements, found 5',
  );
  assert.throws(() => setInt(200), 'byte: 200 does not fit in 8 signed bits');
  assert.throws(encode({ low: 32 } as never), 'config.low: 32 does not fit in 5 unsigned bits');
  assert.throws(encode({ nothing: 1 } as never), 'has no member nothing');
  assert.throws(
    encode({ action: 'UNHEARD' } as never),
    'config.action: expected an integer, found string "UNHEARD"',
  );
});

test.run();
