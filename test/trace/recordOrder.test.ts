import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RecordOrder } from '../../src/trace/recordOrder.js';
import type { RawRecord } from '../../src/trace/records.js';
import { property } from '../support/property.js';

const record = (order: number) => ({ order: order >>> 0 }) as RawRecord;
/** Numbers of the records that `order` tells of. */
function told(order: RecordOrder, records: readonly RawRecord[], isComplete: boolean): number[] {
  const numbers: number[] = [];
  order.take(records, isComplete, (record) => numbers.push(record.order));
  return numbers;
}

property(
  'records come out in order, whichever reading they were in, and past the wrap of their numbers',
  fileURLToPath(import.meta.url),
  fc.property(
    fc.constantFrom(0, 7, 0xfffffff0),
    fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 }),
    (first, readings) => {
      const order = new RecordOrder(first);
      const out: number[] = [];
      for (let reading = 0; reading < 4; reading++) {
        const read = readings.flatMap((own, i) => (own === reading ? [record(first + i)] : []));
        out.push(...told(order, read.reverse(), false));
      }
      const numbers = readings.map((_, i) => (first + i) >>> 0);
      assert.equal(out, numbers);
      assert.is(order.held, 0);
    },
  ),
);

test('what comes after a missing record is held back, until it is known to be lost', () => {
  const order = new RecordOrder(0);
  assert.equal(told(order, [record(0), record(2)], false), [0]);
  assert.is(order.held, 1);
  assert.equal(told(order, [record(3)], true), [2, 3]);
  assert.equal(told(order, [record(4)], false), [4]);
});

test('a record that comes too late holds nothing up', () => {
  const order = new RecordOrder(0);
  assert.equal(told(order, [record(1)], true), [1]);
  assert.equal(told(order, [record(0), record(2)], false), [0, 2]);
});

test.run();
