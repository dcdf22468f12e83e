import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { barePlane } from '../../support/barePlane.js';
import { BULK_MAX, createPtrRing, createSpscRing } from '../../support/rings.js';
import { producedValue, type RingKind, type RingTask } from '../../support/ringWorker.js';
import { runThreads } from '../../support/threads.js';

const worker = fileURLToPath(new URL('../../support/ringWorker.js', import.meta.url));

/** What one consumer got from `producers` threads, each with `count` values, over a ring of `size` slots. */
async function transfer(
  kind: RingKind,
  size: number,
  producers: number,
  count: number,
): Promise<number[]> {
  const plane = barePlane();
  const { address: ring } = (kind === 'ptr' ? createPtrRing : createSpscRing)(plane, size);
  const task = (thread: number, values: number): RingTask => ({
    ...{ memory: plane.arena.memory, kind, ring, thread, count: values },
    bulk: plane.arena.allocate(4 * BULK_MAX),
  });
  const tasks = Array.from({ length: producers }, (_, index) => ({
    name: 'produce',
    task: task(index + 1, count),
  }));
  const all = [...tasks, { name: 'consume', task: task(producers + 1, producers * count) }];
  return (await runThreads(worker, all)).at(-1) as number[];
}

/** Every value of each producer once, and in the order in which it went in. */
function assertComplete(received: readonly number[], producers: number, count: number): void {
  const nextIndex = new Array<number>(producers + 1).fill(1);
  received.forEach((value, at) => {
    const thread = Math.floor(value / 2 ** 24);
    assert.is(value, producedValue(thread, nextIndex[thread]!++), `value ${at}`);
  });
  assert.equal(nextIndex.slice(1), new Array(producers).fill(count + 1));
}

for (const [producers, slots] of [
  [3, 1],
  [3, 33],
  [2, 256],
] as const) {
  test(`${producers} threads fill a ptr_ring of ${slots} slots and one empties it: nothing lost, doubled or out of order`, async () => {
    const count = slots === 1 ? 300 : 30_000;

    assertComplete(await transfer('ptr', slots, producers, count), producers, count);
  });
}

test('a thread fills a single-producer ring and another empties it: nothing lost, doubled or out of order', async () => {
  assertComplete(await transfer('spsc', 64, 1, 100_000), 1, 100_000);
});

test.run();
