import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RegionMemory } from '../../../src/bpf/interp/memory.js';

const memory = () =>
  new RegionMemory(new ArrayBuffer(64), [
    { start: 8, end: 16 },
    { start: 16, end: 32 },
  ]);

test('values of each size are little-endian and unsigned, at any alignment', () => {
  const bytes = memory();
  assert.ok(bytes.store(9n, 4, 0xfffffffffedcba98n));
  assert.is(bytes.load(9n, 4), 0xfedcba98n);
  assert.is(bytes.load(9n, 1), 0x98n);
  assert.is(bytes.load(11n, 2), 0xfedcn);
  assert.ok(bytes.store(17n, 8, 2n ** 64n - 1n));
  assert.is(bytes.load(17n, 8), 2n ** 64n - 1n);
});

test('an access must lie in one region whole', () => {
  const bytes = memory();
  assert.is(bytes.load(7n, 1), undefined);
  assert.is(bytes.load(14n, 4), undefined);
  assert.not(bytes.store(30n, 4, 1n));
  assert.is(bytes.load(2n ** 64n - 1n, 1), undefined);
  assert.is(
    bytes.update(32n, 4, () => 1n),
    undefined,
  );
});

test('an update gives the old value back', () => {
  const bytes = memory();
  bytes.store(8n, 8, 5n);
  assert.is(
    bytes.update(8n, 8, (old) => old + 1n),
    5n,
  );
  assert.is(bytes.load(8n, 8), 6n);
});

test.run();
