import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../src/arena/layout.generated.js';
import { newSystem, u32 } from '../support/bpfSyscalls.js';
import { property } from '../support/property.js';

const DATA_BYTES = 3;
const BITS = DATA_BYTES * 8;
const MAX_ENTRIES = 12;
const NO_PREALLOC = 1;

interface Prefix {
  readonly length: number;
  readonly data: Uint8Array;
}

/** Few different bits, so that prefixes share their beginnings. */
const prefixes = fc.record<Prefix>({
  length: fc.oneof(fc.integer({ min: 0, max: BITS }), fc.constantFrom(0, 1, 8, 9, 16, 24)),
  data: fc
    .array(fc.constantFrom(0, 1, 128, 129, 255), { minLength: DATA_BYTES, maxLength: DATA_BYTES })
    .map((bytes) => Uint8Array.from(bytes)),
});
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('update', 'update', 'update', 'delete', 'lookup'),
    prefix: prefixes,
    flags: fc.constantFrom(0, 0, 0, 1, 2),
  }),
  { maxLength: 60 },
);

function keyOf({ length, data }: Prefix): Uint8Array {
  return Uint8Array.of(...u32(length), ...data);
}

/** The prefix's bits as text. */
function bitsOf({ length, data }: Prefix): string {
  return [...data]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .slice(0, length);
}

function newTrie() {
  const { bpf } = newSystem();
  const fd = bpf.mapCreate({
    type: MapType.LPM_TRIE,
    keySize: 4 + DATA_BYTES,
    valueSize: 4,
    maxEntries: MAX_ENTRIES,
    mapFlags: NO_PREALLOC,
  });
  assert.ok(fd > 0);
  return { bpf, fd };
}

function expectedUpdate(model: Map<string, number>, bits: string, flags: number): number {
  if (model.has(bits)) return flags === 1 ? -17 : 0;
  if (flags === 2) return -2;
  return model.size === MAX_ENTRIES ? -28 : 0;
}

function longest(model: Map<string, number>, bits: string): number | undefined {
  const found = [...model.keys()].filter((prefix) => bits.startsWith(prefix));
  return found.length === 0
    ? undefined
    : model.get(found.reduce((a, b) => (a.length > b.length ? a : b)));
}

/** Postorder: children, the one with a 0 first, before the prefix that holds them. */
function inOrder(model: Map<string, number>): string[] {
  const isBefore = (a: string, b: string) =>
    a.startsWith(b) ? -1 : b.startsWith(a) ? 1 : a < b ? -1 : 1;
  return [...model.keys()].sort((a, b) => (a === b ? 0 : isBefore(a, b)));
}

property(
  'a trie finds the longest prefix, keeps the kernel’s errno and walks its keys in postorder',
  import.meta.filename,
  fc.property(steps, (list) => {
    const { bpf, fd } = newTrie();
    const model = new Map<string, number>();
    list.forEach(({ kind, prefix, flags }, step) => {
      const key = keyOf(prefix);
      const bits = bitsOf(prefix);
      if (kind === 'update') {
        const expected = expectedUpdate(model, bits, flags);
        assert.is(bpf.mapUpdateElem(fd, key, u32(step), BigInt(flags)), expected);
        if (expected === 0) model.set(bits, step);
      } else if (kind === 'delete') {
        assert.is(bpf.mapDeleteElem(fd, key), model.delete(bits) ? 0 : -2);
      } else {
        const value = longest(model, bits);
        assert.equal(bpf.mapLookupElem(fd, key, 0n), value === undefined ? -2 : u32(value));
      }
    });
    const keys: string[] = [];
    let key = bpf.mapGetNextKey(fd, null);
    while (typeof key !== 'number') {
      keys.push(bitsOf({ length: key[0]!, data: key.subarray(4) }));
      key = bpf.mapGetNextKey(fd, key);
    }
    assert.equal(keys, inOrder(model));
  }),
);

test('a prefix longer than the key is refused', () => {
  const { bpf, fd } = newTrie();
  const key = keyOf({ length: BITS + 1, data: new Uint8Array(DATA_BYTES) });
  assert.is(bpf.mapUpdateElem(fd, key, u32(0), 0n), -22);
  assert.is(bpf.mapDeleteElem(fd, key), -22);
  assert.is(bpf.mapLookupElem(fd, key, 0n), -2);
});

test('a trie must be made without preallocation', () => {
  const { bpf } = newSystem();
  const attributes = { type: MapType.LPM_TRIE, keySize: 8, valueSize: 4, maxEntries: 1 };
  assert.is(bpf.mapCreate({ ...attributes, mapFlags: 0 }), -22);
  assert.is(bpf.mapCreate({ ...attributes, keySize: 4, mapFlags: NO_PREALLOC }), -22);
});

test.run();
