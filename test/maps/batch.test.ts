import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../src/arena/layout.generated.js';
import type { BatchCommand } from '../../src/maps/batch.js';
import { testSystem, u32s } from '../support/testSystem.js';

/** Every number here is what Linux 6.18 answered. */
const [ENOENT, E2BIG, EFAULT, EINVAL, ENOSPC, ENOTSUPP] = [-2, -7, -14, -22, -28, -524];

const commands = ['lookup', 'lookup_and_delete', 'update', 'delete'] as const;

function newMap(type: MapType, maxEntries = 8, kernel: 601 | 618 = 618) {
  const { bpf } = testSystem({ kernel });
  const keySize = type === MapType.LPM_TRIE ? 8 : 4;
  const mapFlags = type === MapType.LPM_TRIE ? 1 : 0;
  const fd = bpf.mapCreate({ type, keySize, valueSize: 4, maxEntries, mapFlags });
  const batch = (command: BatchCommand, request: Parameters<typeof bpf.mapBatch>[2]) => {
    const { err, count, entries, outBatch } = bpf.mapBatch(fd, command, request);
    return { err, count, entries, outBatch };
  };
  const errOf = (...args: Parameters<typeof batch>) => {
    const { err, count } = batch(...args);
    return [err, count];
  };
  return { bpf, fd, batch, errOf };
}

const done = (type: MapType, command: BatchCommand) =>
  newMap(type).errOf(command, { count: 0 })[0] === 0;

test('each type has the batch commands that it has in the kernel', () => {
  const all = [true, true, true, true];
  for (const type of [MapType.HASH, MapType.PERCPU_HASH, MapType.LRU_HASH, MapType.LRU_PERCPU_HASH])
    assert.equal(
      commands.map((command) => done(type, command)),
      all,
    );
  for (const type of [MapType.ARRAY, MapType.PERCPU_ARRAY])
    assert.equal(
      commands.map((command) => done(type, command)),
      [true, false, true, false],
    );
  assert.equal(
    commands.map((command) => done(MapType.LPM_TRIE, command)),
    [true, false, true, true],
  );
  for (const type of [MapType.PROG_ARRAY, MapType.DEVMAP, MapType.CPUMAP, MapType.XSKMAP])
    for (const command of commands)
      assert.equal(newMap(type).errOf(command, { count: 1 }), [ENOTSUPP, 1]);
});

test('an update goes as far as it can, and says how far', () => {
  const { errOf } = newMap(MapType.HASH);
  const five = { count: 5, keys: u32s(1, 2, 3, 4, 5), values: u32s(10, 20, 30, 40, 50) };
  assert.equal(errOf('update', five), [0, 5]);
  const one = { count: 1, keys: u32s(9), values: u32s(1) };
  assert.equal(errOf('update', { ...one, elemFlags: 1n }), [EINVAL, 1]);
  assert.equal(errOf('update', { ...one, elemFlags: 4n }), [EINVAL, 1]);
  assert.equal(errOf('update', { ...one, flags: 1n }), [0, 1]);
  const six = { count: 6, keys: u32s(11, 12, 13, 14, 15, 16), values: u32s(1, 1, 1, 1, 1, 1) };
  assert.equal(errOf('update', six), [E2BIG, 2]);
  assert.equal(errOf('update', { count: 1, values: u32s(1) }), [EFAULT, 0]);
  assert.equal(errOf('delete', { count: 3, keys: u32s(1, 77, 2) }), [ENOENT, 1]);
  assert.equal(errOf('delete', { count: 1, keys: u32s(3), elemFlags: 1n }), [EINVAL, 1]);
  assert.equal(errOf('delete', { count: 1, keys: u32s(3), flags: 1n }), [0, 1]);
});

test('a hash is looked up by whole buckets, from where the last batch ended', () => {
  const { batch, errOf } = newMap(MapType.HASH, 64);
  const numbers = Array.from({ length: 50 }, (_, i) => i + 1);
  batch('update', { count: 50, keys: u32s(...numbers), values: u32s(...numbers) });
  const seen = new Set<number>();
  let inBatch: Uint8Array | undefined;
  for (let err = 0; err === 0; ) {
    const result = batch('lookup', { count: 12, inBatch });
    err = result.err;
    inBatch = result.outBatch;
    assert.is(result.count, result.entries.length);
    for (const [key, value] of result.entries) {
      assert.equal(key, value);
      seen.add(new Uint32Array(key.slice().buffer)[0]!);
    }
    if (err !== 0) assert.is(err, ENOENT);
  }
  assert.equal(
    [...seen].sort((a, b) => a - b),
    numbers,
  );
  assert.equal(inBatch, u32s(64));
  assert.equal(errOf('lookup', { count: 3, inBatch: u32s(64) }), [ENOENT, 0]);
  assert.equal(errOf('lookup', { count: 3, flags: 1n }), [EINVAL, 3]);
  assert.equal(errOf('lookup', { count: 3, elemFlags: 1n }), [EINVAL, 3]);
  assert.equal(errOf('lookup_and_delete', { count: 64 }), [ENOENT, 50]);
  assert.equal(errOf('lookup_and_delete', { count: 64 }), [ENOENT, 0]);
});

test('a bucket that does not fit at all is an error, and nothing is taken', () => {
  const { batch } = newMap(MapType.HASH, 1);
  batch('update', { count: 1, keys: u32s(1), values: u32s(1) });
  const two = newMap(MapType.HASH, 2);
  const keys = Array.from({ length: 64 }, (_, i) => i);
  // Two keys of one bucket of two: found by trying.
  const pair = keys.find((key) => {
    two.batch('update', { count: 2, keys: u32s(100, key), values: u32s(1, 1) });
    const { err, outBatch } = two.batch('lookup', { count: 1 });
    const isFirst = err === ENOSPC && outBatch !== undefined && outBatch[0] === 0;
    if (!isFirst) two.batch('delete', { count: 1, keys: u32s(key) });
    return isFirst;
  });
  if (pair === undefined) return;
  assert.equal(two.errOf('lookup_and_delete', { count: 1 }), [ENOSPC, 0]);
  assert.equal(two.errOf('lookup', { count: 2 })[1], 2);
});

test('an array is looked up by keys', () => {
  const { batch, errOf } = newMap(MapType.ARRAY, 4);
  assert.equal(errOf('update', { count: 3, keys: u32s(0, 1, 9), values: u32s(5, 6, 7) }), [
    E2BIG,
    2,
  ]);
  const all = batch('lookup', { count: 100 });
  assert.equal([all.err, all.count, all.outBatch], [ENOENT, 4, u32s(3)]);
  assert.equal(
    all.entries.map(([, value]) => value),
    [u32s(5), u32s(6), u32s(0), u32s(0)],
  );
  const first = batch('lookup', { count: 2 });
  assert.equal([first.err, first.count, first.outBatch], [0, 2, u32s(1)]);
  const second = batch('lookup', { count: 2, inBatch: first.outBatch });
  assert.equal([second.err, second.count, second.outBatch], [0, 2, u32s(3)]);
  assert.equal(errOf('lookup', { count: 2, inBatch: second.outBatch }), [ENOENT, 0]);
  assert.equal(errOf('lookup', { count: 2, elemFlags: 1n }), [EINVAL, 2]);
  assert.equal(errOf('lookup', { count: 2, flags: 1n }), [0, 2]);
});

test('a trie is updated, looked up and deleted', () => {
  const { batch, errOf } = newMap(MapType.LPM_TRIE);
  const keys = u32s(8, 10, 16, 0x010a);
  assert.equal(errOf('update', { count: 2, keys, values: u32s(1, 2) }), [0, 2]);
  const all = batch('lookup', { count: 100 });
  assert.equal([all.err, all.count, all.outBatch], [ENOENT, 2, u32s(8, 10)]);
  assert.equal(errOf('delete', { count: 1, keys: u32s(8, 10) }), [0, 1]);
});

test.run();
