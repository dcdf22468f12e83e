import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PtrRing } from '../../../src/arena/layout.generated.js';
import { PtrRing as ModelRing } from '../../model/redirect/ptrRing.js';
import { barePlane, getWords } from '../../support/barePlane.js';
import { property } from '../../support/property.js';
import { BULK_MAX, createPtrRing, type RealPtrRing } from '../../support/rings.js';

type Op = { readonly produce: number } | { readonly consume: number };

const bulk = fc.integer({ min: 0, max: BULK_MAX });
const ops = fc.array(
  fc.oneof(fc.record({ produce: bulk }), fc.record({ consume: bulk })) as fc.Arbitrary<Op>,
  { maxLength: 60 },
);
const size = fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 100 }));

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Until the model refuses one, as a bulk queue's flush does it. */
function produceInModel(model: ModelRing<number>, values: readonly number[]): number {
  const refused = values.findIndex((value) => !model.produce(value));
  return refused === -1 ? values.length : refused;
}

function consumeFromModel(model: ModelRing<number>, n: number): number[] {
  const taken: number[] = [];
  while (taken.length < n) {
    const value = model.consume();
    if (value === undefined) break;
    taken.push(value);
  }
  return taken;
}

property(
  'a ptr_ring takes and gives what the kernel takes and gives, bulk by bulk',
  import.meta.filename,
  fc.property(size, ops, (slots, steps) => {
    const plane = barePlane();
    const ring = createPtrRing(plane, slots);
    const model = new ModelRing<number>(slots);
    let next = 1;
    for (const step of steps) {
      if ('produce' in step) {
        const values = range(next, step.produce);
        const produced = ring.produce(values);
        assert.is(produced, produceInModel(model, values));
        next += produced;
      } else {
        assert.equal(ring.consume(step.consume), consumeFromModel(model, step.consume));
      }
    }
    const rest = consumeFromModel(model, slots);
    assert.is(ring.isEmpty, rest.length === 0);
    assert.equal(drain(ring), rest);
    assert.ok(ring.isEmpty);
  }),
  { numRuns: 150 },
);

function drain(ring: RealPtrRing): number[] {
  const all: number[] = [];
  for (let taken = ring.consume(BULK_MAX); taken.length > 0; taken = ring.consume(BULK_MAX))
    all.push(...taken);
  return all;
}

function slotsInUse(plane: ReturnType<typeof barePlane>, ring: RealPtrRing): number {
  const queue = plane.arena.get(ring.address, PtrRing.queue);
  const slots = getWords(plane.arena, queue, plane.arena.get(ring.address, PtrRing.size));
  return slots.filter((slot) => slot !== 0).length;
}

for (const [slots, group] of [
  [1, 1],
  [31, 1],
  [32, 16],
  [1000, 16],
] as const) {
  test(`the consumer of ${slots} slots clears them in groups of ${group}`, () => {
    const plane = barePlane();
    const ring = createPtrRing(plane, slots);
    const count = Math.min(slots, 20);
    ring.produce(range(1, count));

    const inUse = range(1, count).map(() => {
      ring.consume(1);
      return slotsInUse(plane, ring);
    });

    const expected = range(1, count).map((taken) => {
      const cleared = taken === slots ? taken : taken - (taken % group);
      return count - cleared;
    });
    assert.equal(inUse, expected);
  });
}

test('a slot that was taken but not yet cleared refuses the producer early', () => {
  const ring = createPtrRing(barePlane(), 32);
  assert.is(ring.produce(range(1, 32)), 32);

  ring.consume(15);
  assert.is(ring.produce([100]), 0);
  ring.consume(1);
  assert.is(ring.produce(range(100, 20)), 16);
});

test('a bulk that does not fit as a whole is taken as far as it fits', () => {
  const ring = createPtrRing(barePlane(), 10);

  assert.is(ring.produce(range(1, 64)), 10);
  assert.is(ring.produce([99]), 0);

  assert.equal(drain(ring), range(1, 10));
});

test('a bulk wraps around the end of the slots', () => {
  const ring = createPtrRing(barePlane(), 5);
  ring.produce(range(1, 4));
  ring.consume(4);

  assert.is(ring.produce(range(10, 5)), 5);

  assert.equal(drain(ring), range(10, 5));
});

test.run();
