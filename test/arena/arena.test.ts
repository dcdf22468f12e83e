import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena } from '../../src/arena/arena.js';
import { MACHINE_ADDRESS, Machine, RedirectInfo } from '../../src/arena/layout.generated.js';
import { type FieldKind, field } from '../../src/arena/struct.js';
import { property } from '../support/property.js';

const arena = Arena.create(2 ** 20);

const values: Record<FieldKind, fc.Arbitrary<number>> = {
  u8: fc.nat({ max: 0xff }),
  u16: fc.nat({ max: 0xffff }),
  u32: fc.nat({ max: 0xffffffff }),
  i32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  u64: fc.maxSafeNat(),
  f64: fc.double({ noNaN: true }),
};
const bytesOf: Record<FieldKind, number> = { u8: 1, u16: 2, u32: 4, i32: 4, u64: 8, f64: 8 };

for (const kind of Object.keys(values) as FieldKind[]) {
  property(
    `a ${kind} field reads as it was written, and its neighbours stay`,
    import.meta.filename,
    fc.property(values[kind], fc.nat({ max: 24 }), (value, offset) => {
      const struct = arena.allocate(48);
      arena.bytes(struct, 48).fill(0xaa);

      arena.set(struct, field(offset, kind), value);

      assert.is(arena.get(struct, field(offset, kind)), value);
      const around = [...arena.bytes(struct, 48)];
      around.splice(offset, bytesOf[kind]);
      assert.ok(around.every((byte) => byte === 0xaa));
      arena.free(struct);
    }),
  );
}

test('the top value of a u64 field is as near as a number comes to it', () => {
  const struct = arena.allocate(8);

  arena.set(struct, field(0, 'u64'), -1);

  assert.equal([...arena.bytes(struct, 8)], new Array(8).fill(0xff));
  assert.is(arena.get(struct, field(0, 'u64')), 2 ** 64);
});

test('several fields are assigned by name', () => {
  const struct = arena.allocate(RedirectInfo.SIZE);

  arena.assign(struct, RedirectInfo, { tgtIndex: 7, mapId: 9 } as never);

  assert.is(arena.get(struct, RedirectInfo.tgtIndex), 7);
  assert.is(arena.get(struct, RedirectInfo.mapId), 9);
  assert.is(arena.get(struct, RedirectInfo.flags), 0);
});

test('shared words exchange, compare and add as unsigned numbers', () => {
  const word = arena.allocate(8);
  const whole = field(0, 'u32');

  arena.storeShared(word, whole, 0xffffffff);

  assert.is(arena.exchangeShared(word, whole, 1), 0xffffffff);
  assert.is(arena.compareExchangeShared(word, whole, 2, 3), 1);
  assert.is(arena.compareExchangeShared(word, whole, 1, 0x80000000), 1);
  assert.is(arena.loadShared(word, whole), 0x80000000);
  assert.is(arena.addShared64(word, 0x80000000n), 0x80000000n);
  assert.is(arena.u64(word), 2 ** 32);
});

test('what programs may touch comes from a part of its own, and goes back there', () => {
  const { low, high } = arena.programWindow;
  const before = arena.usedBytes;

  const own = arena.allocate(1000);
  const programs = arena.allocateForPrograms(1000);

  assert.ok(own + 1000 <= low);
  assert.ok(programs >= low && programs + 1000 <= high);
  arena.free(programs);
  arena.free(own);
  assert.is(arena.usedBytes, before);
});

test('programs may touch what has been handed out to them, from the moment that it is', () => {
  const { high } = arena.programWindow;
  const address = arena.allocateForPrograms(1000);
  const programHigh = arena.get(MACHINE_ADDRESS, Machine.programHigh);
  assert.ok(address + 1000 <= programHigh && programHigh < high);
  arena.free(address);
});

test('an arena that no WebAssembly memory can hold is refused', () => {
  assert.throws(() => Arena.create(2 ** 32), /an arena of 4294967296 bytes: expected at most/);
});

test.run();
