import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ContextKind } from '../../src/arena/layout.generated.js';
import { WorkerDiedError } from '../../src/machine/crew.js';
import type { ContextHandle } from '../../src/machine/kernel.js';
import type { Machine } from '../../src/machine/machine.js';
import type { MachineOptions } from '../../src/machine/machineOptions.js';
import { assertConserved, failureOf, moduleUrl, twoQueues, until, withThreads } from './threads.js';

const FRAMES = 20_000;

/** Runs a program that goes wrong on CPU 0. */
async function dieOnCpu0(main: string, options: MachineOptions): Promise<WorkerDiedError> {
  let death: unknown;
  const counters = await withThreads(twoQueues(main), options, async (machine) => {
    death = await failureOf(machine.run({ frames: FRAMES }));
    machine.verify();
  });
  assert.instance(death, WorkerDiedError);
  const { role, cpu, framesHeld } = death as WorkerDiedError;
  assert.is(role, 'receive');
  assert.is(cpu, 0);
  assert.ok(framesHeld > 0, 'the frame in hand');
  assertConserved(counters);
  assert.is(counters.frames.fates['worker_died'], framesHeld);
  const other = counters.cpus.find((one) => one.cpu === 1)?.received ?? 0;
  assert.ok(other > FRAMES / 4, 'the other queue went on to its end');
  return death as WorkerDiedError;
}

test('a program that calls process.exit ends its worker, and nothing else', async () => {
  const { message } = await dieOnCpu0('exitLater', {});
  assert.match(message, /^the receive worker of CPU 0 died: .*exited.*; it held \d+ frames$/);
});

test('a program that loops is ended by the watchdog, which names it', async () => {
  const { message } = await dieOnCpu0('loopLater', { programTimeoutMs: 200 });
  assert.match(message, /program main did not return within 200 ms/);
});

test('a module that workers cannot load is said so when the machine is made', async () => {
  const scenario = {
    devices: [{ name: 'eth0', program: 'main' }],
    programs: { main: { module: moduleUrl('throwsInWorkers'), export: 'pass' } },
  };
  const error = (await failureOf(withThreads(scenario, {}, async () => {}))) as Error;
  assert.match(error.message, /throwsInWorkers\.js.*: cannot be loaded: no, not in a worker/);
});

test('a dead kthread: its entry can be deleted, and what waited for it ends', async () => {
  const counters = await withThreads(twoQueues('toCpus'), {}, async (machine) => {
    machine.system.kthreads.stall(2, true);
    await machine.run({ frames: 600 });
    machine.killWorker(contextOf(machine, ContextKind.CPUMAP, 2));
    await until(() => machine.deaths.length > 0);
    machine.map('cpus').delete(2);
    await machine.idle();
    assert.is(machine.system.housekeep(), 0, 'nothing waits for the dead');
    assert.is([...machine.system.kthreads].length, 0);
    machine.verify();
  });
  assertConserved(counters);
  assert.ok((counters.frames.fates['undelivered'] ?? 0) > 0);
});

test('a worker that dies beside another on its CPU leaves the other one its frames', async () => {
  const scenario = twoQueues('toCpus');
  const shared = { ...scenario, devices: [{ ...scenario.devices![0]!, cpus: [0, 2] }] };
  for (let attempt = 0; attempt < 10; attempt++) {
    const counters = await withThreads(shared, {}, async (machine) => {
      const run = failureOf(machine.run({ durationMs: 30 }));
      await until(() => machine.counters().frames.received > 1000);
      machine.killWorker(contextOf(machine, ContextKind.CPUMAP, 2));
      assert.instance(await run, WorkerDiedError);
      machine.verify();
    });
    assertConserved(counters);
  }
});

test('machines after a death work, and its threads are free again', async () => {
  let threads = 0;
  await withThreads(twoQueues('toCpus'), {}, async ({ system }) => {
    threads = system.kernel.contexts.length - 1;
  });
  const counters = await withThreads(twoQueues('toCpus'), { threadsMax: threads }, (machine) =>
    machine.run({ frames: 5000 }),
  );
  assert.is(counters.frames.received, 5000);
  assertConserved(counters);
});

function contextOf({ system }: Machine, kind: ContextKind, cpu: number): ContextHandle {
  const found = system.kernel.contexts.find((one) => one.kind === kind && one.cpu === cpu);
  assert.ok(found, `a context of kind ${kind} on CPU ${cpu}`);
  return found!;
}

test.run();
