import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SpscRing, SpscRingSide } from '../../../src/arena/layout.generated.js';
import { type BarePlane, barePlane } from '../../support/barePlane.js';
import { property } from '../../support/property.js';
import { BULK_MAX, createSpscRing, type RealSpscRing } from '../../support/rings.js';

/** As if `index` values had gone through the ring already. */
function startAt({ arena }: BarePlane, ring: RealSpscRing, index: number): void {
  for (const side of [ring.address + SpscRing.producer, ring.address + SpscRing.consumer]) {
    arena.set(side, SpscRingSide.index, index);
    arena.set(side, SpscRingSide.cached, index);
  }
}

const start = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 2 ** 32 - 100, max: 2 ** 32 - 1 }),
  fc.nat({ max: 2 ** 32 - 1 }),
);
const moves = fc.array(fc.integer({ min: -BULK_MAX, max: BULK_MAX }), { maxLength: 60 });

property(
  'a single-producer ring is a bounded queue, also where its indices wrap at 2^32',
  import.meta.filename,
  fc.property(fc.nat({ max: 6 }), start, moves, (log2, index, steps) => {
    const plane = barePlane();
    const ring = createSpscRing(plane, 2 ** log2);
    startAt(plane, ring, index);
    const queue: number[] = [];
    let next = 0;
    for (const n of steps) {
      if (n > 0) {
        const values = Array.from({ length: n }, (_, i) => next + i);
        const fits = Math.min(n, 2 ** log2 - queue.length);
        assert.is(ring.produce(values), fits);
        queue.push(...values.slice(0, fits));
        next += fits;
      } else {
        assert.equal(ring.consume(-n), queue.splice(0, -n));
      }
    }
    assert.equal(ring.consume(BULK_MAX), queue);
  }),
  { numRuns: 200 },
);

test('zero is a value like any other', () => {
  const ring = createSpscRing(barePlane(), 4);

  assert.is(ring.produce([0, 0, 7]), 3);

  assert.equal(ring.consume(4), [0, 0, 7]);
});

test.run();
