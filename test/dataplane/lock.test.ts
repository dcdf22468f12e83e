import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PtrRing, PtrRingProducer } from '../../src/arena/layout.generated.js';
import { barePlane } from '../support/barePlane.js';
import { createPtrRing } from '../support/rings.js';
import { runThreads } from '../support/threads.js';

const worker = fileURLToPath(new URL('../support/ringWorker.js', import.meta.url));
const WAITERS = 2 ** 31;

test('a thread that sleeps on a lock takes that lock once it is free, and gives it back', async () => {
  const plane = barePlane();
  const { arena, dp } = plane;
  const { address: ring } = createPtrRing(plane, 4);
  const lockWord = ring + PtrRing.producer;
  dp.ptrRingLock(ring, 1);

  const tasks = [{ name: 'lockOnce', task: { memory: arena.memory, ring, thread: 2 } }];
  const done = runThreads(worker, tasks);
  while (arena.loadSharedAt(lockWord) !== WAITERS + 1) await sleep(1);
  // Longer than the sleeper's time-out: it looks again, and goes back to sleep.
  await sleep(10);
  dp.ptrRingUnlock(ring);
  await done;

  assert.is(arena.loadSharedAt(lockWord), 0);
  assert.is(arena.loadSharedAt(0), 0, 'nothing was locked at address 0');
});

test('control does not wait for ever for a holder that is dead, and its half-filled slots are free', () => {
  const plane = barePlane();
  const { arena, dp } = plane;
  const { address: ring } = createPtrRing(plane, 8);
  const producer = ring + PtrRing.producer;
  const dead = 7;
  dp.ptrRingLock(ring, dead);
  // It was ended in the middle of a bulk of three.
  arena.set(producer, PtrRingProducer.pending, 3);
  arena.setU32(arena.get(ring, PtrRing.queue) + 8, 0x2000);
  assert.is(dp.ptrRingFree(ring, 8), 2);

  dp.ptrRingLock(ring, 1);

  assert.is(arena.loadSharedAt(producer), WAITERS + 1);
  assert.is(dp.ptrRingFree(ring, 8), 8);
  dp.ptrRingUnlock(ring);
});

test.run();
