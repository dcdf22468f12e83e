import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArenaFullError } from '../../src/arena/allocator.js';
import { Crew } from '../../src/machine/crew.js';
import { Machine } from '../../src/machine/machine.js';
import type { MachineOptions } from '../../src/machine/machineOptions.js';
import { THREADS_MAX, workerPool } from '../../src/machine/workerPool.js';
import { ProgramLoadError } from '../../src/program/loadError.js';
import { testSystem } from '../support/testSystem.js';
import { failureOf, twoQueues, withThreads } from './threads.js';

const NEVER_LOADS = new URL('../fixtures/programs/neverLoads.js', import.meta.url).href;

function create(options: MachineOptions): Promise<Machine> {
  const programs = { main: { module: NEVER_LOADS } };
  const devices = [{ name: 'eth0', program: 'main' }];
  return Machine.create({ devices, programs }, { mode: 'threads', ...options });
}

test('a module that does not finish loading is given up, in the thread that loads it', async () => {
  const error = (await failureOf(workerPool.loadModule(NEVER_LOADS, { timeoutMs: 300 }))) as Error;
  assert.instance(error, ProgramLoadError);
  assert.match(error.message, /neverLoads\.js: cannot be loaded: it did not finish within 0\.3 s$/);
});

test('and so are workers that do not get ready', async () => {
  const error = (await failureOf(create({ loadTimeoutMs: 300 }))) as Error;
  assert.instance(error, ProgramLoadError);
  assert.match(error.message, /it did not load its programs within 0\.3 s/);
});

test('a machine that is being made can be given up', async () => {
  const reason = new Error('no longer wanted');
  const abort = new AbortController();
  const creating = failureOf(create({ signal: abort.signal }));
  setTimeout(() => abort.abort(reason), 100);
  assert.is(await creating, reason);
  assert.is(await failureOf(create({ signal: AbortSignal.abort(reason) })), reason);
  assert.is(
    await failureOf(workerPool.loadModule(NEVER_LOADS, { signal: AbortSignal.abort(reason) })),
    reason,
  );
});

test('threads that were meant for workers which cannot be started are free again', async () => {
  const system = testSystem();
  const contexts = [system.receiveContext(0), system.receiveContext(1)];
  const crew = new Crew(system, {
    clockOriginMs: 0,
    programTimeoutMs: 1000,
    loadTimeoutMs: 1000,
    threadsMax: THREADS_MAX,
    onFault: () => {},
    onDeath: () => {},
  });
  assert.throws(
    () => {
      for (;;) system.arena.allocateForPrograms(4096);
    },
    (error: Error) => error instanceof ArenaFullError,
  );

  assert.instance(await failureOf(crew.start(contexts)), ArenaFullError);
  await crew.stop();

  workerPool.check(THREADS_MAX);
});

test('a worker that an update of a map needs, and cannot have, is missed by the next run', async () => {
  let threadsMax = 0;
  await withThreads(twoQueues('toCpus'), {}, async ({ system }) => {
    threadsMax = system.kernel.contexts.length - 1;
  });
  await withThreads(twoQueues('toCpus'), { threadsMax }, async (machine) => {
    machine.map('cpus').update(1, { qsize: 64 });
    const error = (await failureOf(machine.run({ frames: 100 }))) as Error;
    assert.match(error.message, /needs 1 workers.*at most \d+ threads/);
  });
});

test.run();
