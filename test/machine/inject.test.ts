import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ContextKind } from '../../src/arena/layout.generated.js';
import { WorkerDiedError } from '../../src/machine/crew.js';
import { Machine } from '../../src/machine/machine.js';
import { udpFrame } from '../../src/packet/build.js';
import { failureOf, program, twoQueues, until, withThreads } from './threads.js';

const frame = udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', sport: 1, dport: 2 });

test('one frame that cannot be received keeps all of them out', async () => {
  await using machine = await Machine.create({ devices: [{ name: 'eth0' }] });
  for (const [bad, Kind, message] of [
    [new Uint8Array(5), RangeError, /device eth0: frame 1: expected 14 to 1518 bytes/],
    [new Uint8Array(5000), RangeError, /device eth0: frame 1: .* found 5000/],
    ['text', TypeError, /device eth0: expected an array of frames, .*found "text" at index 1/],
  ] as const) {
    const error = (await failureOf(machine.inject('eth0', [frame, bad as Uint8Array]))) as Error;
    assert.instance(error, Kind);
    assert.match(error.message, message);
  }
  assert.instance(await failureOf(machine.inject('eth0', frame as never)), TypeError);
  assert.instance(await failureOf(machine.inject('eth0', [frame], { queue: 7 })), RangeError);
  await machine.idle();
  assert.is(machine.counters().frames.received, 0);
});

test('a queue whose worker is dead takes no frames, and says so at once', async () => {
  await withThreads(twoQueues('pass'), { observe: true }, async (machine) => {
    const victim = machine.system.kernel.contexts.find(
      ({ kind, cpu }) => kind === ContextKind.RECEIVE && cpu === 1,
    )!;
    machine.killWorker(victim);
    await until(() => machine.deaths.length > 0);

    const error = await failureOf(machine.inject('eth0', [frame], { queue: 1 }));
    assert.instance(error, WorkerDiedError);
    assert.is((error as WorkerDiedError).cpu, 1);
    const [alive] = await machine.inject('eth0', [frame], { queue: 0 });
    assert.is(alive?.fate, 'pass');
  });
});

test('nor does one wait for frames on the queue of a worker that dies meanwhile', async () => {
  const scenario = { ...twoQueues('loopAtOnce'), programs: { main: program('loopAtOnce') } };
  await withThreads(scenario, { observe: true, programTimeoutMs: 200 }, async (machine) => {
    const frames = Array.from({ length: 200 }, () => frame);
    const injecting = machine.inject('eth0', frames, { queue: 1, timeoutMs: 1e9 });
    assert.instance(await failureOf(injecting), WorkerDiedError);
  });
});

test.run();
