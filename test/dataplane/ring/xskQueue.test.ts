import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { barePlane } from '../../support/barePlane.js';
import { property } from '../../support/property.js';
import { XskRing, type XskRingKind } from '../../support/xskRing.js';

const start = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 2 ** 32 - 40, max: 2 ** 32 - 1 }),
  fc.nat({ max: 2 ** 32 - 1 }),
);
const kind = fc.constantFrom<XskRingKind>('address', 'descriptor');
const log2 = fc.nat({ max: 5 });
/** Who acts, and on how many entries. */
const steps = fc.array(
  fc.tuple(fc.constantFrom('application', 'kernel', 'publish'), fc.nat({ max: 20 })),
  { maxLength: 80 },
);

/** Entry number `index`: beyond 32 bits, as UMEM addresses may be. */
function entry(index: number): number {
  return 2 ** 33 + index * 2048;
}

function entries(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => entry(first + index));
}

property(
  'the kernel takes from FILL and TX what was submitted, and gives the room back when it publishes or runs out',
  import.meta.filename,
  fc.property(kind, log2, start, steps, (ringKind, size, index, sequence) => {
    const ring = new XskRing(barePlane(), ringKind, 2 ** size, index);
    let submitted = 0;
    let taken = 0;
    let known = 0;
    let released = 0;
    for (const [who, count] of sequence) {
      assert.is(ring.free, 2 ** size - (submitted - released));
      if (who === 'application') {
        const n = Math.min(count, ring.free);
        ring.submit(entries(submitted, n));
        submitted += n;
      } else if (who === 'publish') {
        ring.kernelRelease();
        released = taken;
      } else {
        for (let i = 0; i < count; i++) {
          // Only when the entries that it knows of have run out does the kernel exchange the indices.
          if (taken === known) [known, released] = [submitted, taken];
          assert.is(ring.kernelTake(), taken < known ? entry(taken) : undefined);
          if (taken < known) taken++;
        }
      }
    }
  }),
  { numRuns: 200 },
);

property(
  'the application finds on RX and COMPLETION what the kernel submitted, in order, until the ring is full',
  import.meta.filename,
  fc.property(kind, log2, start, steps, (ringKind, size, index, sequence) => {
    const ring = new XskRing(barePlane(), ringKind, 2 ** size, index);
    let reserved = 0;
    let submitted = 0;
    let consumed = 0;
    for (const [who, count] of sequence) {
      assert.equal(ring.peek(), entries(consumed, submitted - consumed));
      if (who === 'kernel') {
        for (let i = 0; i < count; i++) {
          const fits = reserved - consumed < 2 ** size;
          assert.is(ring.kernelReserve(entry(reserved)), fits);
          if (fits) reserved++;
        }
      } else if (who === 'publish') {
        ring.kernelSubmit();
        submitted = reserved;
      } else {
        const n = Math.min(count, ring.available);
        ring.release(n);
        consumed += n;
      }
    }
  }),
  { numRuns: 200 },
);

test('what the kernel reserved stays unseen until it submits', () => {
  const ring = new XskRing(barePlane(), 'descriptor', 4);

  ring.kernelReserve(entry(1));
  assert.is(ring.available, 0);
  ring.kernelSubmit();

  assert.equal(ring.peek(), [entry(1)]);
});

test('a ring asks for a wake-up for as long as the kernel says so', () => {
  const plane = barePlane();
  const { address } = new XskRing(plane, 'address', 4);
  const asks = [0, 1, 0].map((needed) => {
    plane.dp.xskqSetNeedWakeup(address, needed);
    return plane.dp.ringNeedsWakeup(address);
  });

  assert.equal(asks, [0, 1, 0]);
});

test.run();
