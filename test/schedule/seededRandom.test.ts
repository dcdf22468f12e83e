import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SCHEDULER_WORDS } from '../../src/schedule/scheduler.js';
import { SeededRandom } from '../../src/schedule/seededRandom.js';

const READY = 0b1011;

/** What the scheduler decides for `seed`, each context asking in its turn. */
function decisions(seed: number, count = 200, ready = READY): number[] {
  const scheduler = new SeededRandom(new Int32Array(SCHEDULER_WORDS));
  scheduler.begin(seed);
  let running = 0;
  return Array.from({ length: count }, () => {
    running = scheduler.next(ready, running);
    return running;
  });
}

test('decisions depend on the seed alone', () => {
  assert.equal(decisions(7), decisions(7));
  assert.not.equal(decisions(7), decisions(8));
});

test('another thread goes on where the one before stopped', () => {
  const words = new Int32Array(SCHEDULER_WORDS);
  const threads = [new SeededRandom(words), new SeededRandom(words)];
  threads[0]!.begin(7);
  let running = 0;

  const alternating = Array.from({ length: 200 }, (_, index) => {
    running = threads[index % 2]!.next(READY, running);
    return running;
  });

  assert.equal(alternating, decisions(7));
});

test('every ready context gets a turn, and no other does', () => {
  for (let seed = 0; seed < 50; seed++) {
    assert.equal([...new Set(decisions(seed, 2000))].sort(), [0, 1, 3]);
  }
});

test('a context that must let another run does not go on', () => {
  const scheduler = new SeededRandom(new Int32Array(SCHEDULER_WORDS));
  scheduler.begin(1);
  for (let i = 0; i < 100; i++) assert.is(scheduler.next(0b100, 0), 2);
});

test('some runs switch often and some seldom', () => {
  const switches = Array.from({ length: 50 }, (_, seed) => {
    const turns = decisions(seed, 1000);
    return turns.filter((turn, index) => index > 0 && turn !== turns[index - 1]).length;
  });
  assert.ok(Math.max(...switches) > 5 * Math.min(...switches), switches.join(' '));
});

test.run();
