import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { collectGarbage } from '../../src/machine/collectGarbage.js';
import { Machine } from '../../src/machine/machine.js';
import { udpFrame } from '../../src/packet/build.js';
import { assertConserved, failureOf, program, twoQueues, until, withThreads } from './threads.js';

/** A frame that `toCpus` sends to the key `sport % 3`. */
function frameTo(key: number): Uint8Array {
  return udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', sport: 3000 + key, dport: 80 });
}

test('machines come and go without growth', async () => {
  const once = () =>
    withThreads(twoQueues('toCpus'), {}, (machine) => machine.run({ frames: 500 }));
  const megabytes = async (machines: number) => {
    for (let i = 0; i < machines; i++) await once();
    // What is found to be garbage is finalized by and by.
    for (let i = 0; i < 3; i++) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return process.memoryUsage().rss / 2 ** 20;
  };
  const before = await megabytes(16);
  const after = await megabytes(64);
  // A machine takes two; a worker keeps those of eight.
  assert.ok(after - before < 64, `${after - before} MiB more`);
  let threads = 0;
  await withThreads(twoQueues('toCpus'), {}, async ({ system }) => {
    threads = system.kernel.contexts.length - 1;
  });
  await withThreads(twoQueues('toCpus'), { threadsMax: threads }, async () => {});
});

test('frames can be injected from several promises at once, and each gets its own fates', async () => {
  await withThreads(twoQueues('toCpus'), { observe: true }, async (machine) => {
    const batches = await Promise.all(
      Array.from({ length: 8 }, (_, batch) =>
        machine.inject(
          'eth0',
          Array.from({ length: 50 }, () => frameTo(batch % 3)),
        ),
      ),
    );
    batches.forEach((frames, batch) => {
      const expected = batch % 3 === 2 ? 'pass' : 'aborted';
      assert.ok(
        frames.every(({ fate }) => fate === expected),
        `batch ${batch}`,
      );
      assert.ok(frames.every(({ fates }) => fates.length === 1));
    });
  });
});

test('what is injected is an array of frames: one frame alone is refused', async () => {
  const machine = await Machine.create({ devices: [{ name: 'eth0' }] });
  for (const wrong of [new Uint8Array(64), [1, 2], [[0]], undefined]) {
    let error: unknown;
    await machine.inject('eth0', wrong as unknown as Uint8Array[]).catch((reason) => {
      error = reason;
    });
    assert.instance(error, TypeError);
    assert.match((error as Error).message, 'device eth0: expected an array of frames');
  }
  await machine.close();
});

test('with workers, a frame is injected and its fate known within a few milliseconds', async () => {
  await withThreads(twoQueues('toCpus'), { observe: true }, async (machine) => {
    await machine.inject('eth0', [frameTo(2)]);
    const timesMs: number[] = [];
    for (let i = 0; i < 20; i++) {
      const startMs = performance.now();
      await machine.inject('eth0', [frameTo(2)]);
      timesMs.push(performance.now() - startMs);
    }
    const median = timesMs.sort((a, b) => a - b)[10]!;
    assert.ok(median < 20, `${median.toFixed(1)} ms`);
  });
});

test('an update that gives a CPU its first entry starts a worker for it', async () => {
  await withThreads(twoQueues('toCpus'), { observe: true }, async (machine) => {
    const [before] = await machine.inject('eth0', [frameTo(0)]);
    assert.is(before!.fate, 'aborted');
    machine.map('cpus').update(0, { qsize: 64 });
    const after = await machine.inject(
      'eth0',
      Array.from({ length: 20 }, () => frameTo(0)),
    );
    assert.ok(after.every(({ fate, cpu }) => fate === 'pass' && cpu === 0));
    await machine.idle();
    machine.verify();
  });
});

test('the worker of a new CPU is there for a run that is under way', async () => {
  const counters = await withThreads(twoQueues('toCpus'), {}, async (machine) => {
    const run = machine.run({ durationMs: 150 });
    await until(() => machine.counters().frames.received > 100);
    machine.map('cpus').update(1, { qsize: 512 });
    await run;
    machine.verify();
  });
  assertConserved(counters);
  const processed = counters.cpus.find(({ cpu }) => cpu === 1)?.kthreadProcessed ?? 0;
  assert.ok(processed > 0);
});

test('an idle machine uses no CPU', async () => {
  await withThreads(twoQueues('toCpus'), {}, async (machine) => {
    await machine.run({ frames: 10_000 });
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 50_000, `${(user + system) / 1000} ms of a second`);
  });
});

test('a machine whose traffic is held up uses no CPU either', async () => {
  const scenario = twoQueues('toPort');
  const blocked = {
    ...scenario,
    maps: { ports: { type: 'devmap' as const, entries: [{ key: 0, device: 'eth0' }] } },
  };
  await withThreads(blocked, {}, async (machine) => {
    machine.device('eth0').stall(true);
    const stop = new AbortController();
    const run = machine.run({ frames: 20_000, signal: stop.signal });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { user, system } = process.cpuUsage(before);
    machine.device('eth0').stall(false);
    const { frames } = await run;
    assert.is(frames.received, 20_000);
    // The control plane looks every millisecond.
    assert.ok(user + system < 150_000, `${(user + system) / 1000} ms of half a second`);
  });
});

test('more workers than threads are refused, in words', async () => {
  const error = await failureOf(
    withThreads(twoQueues('toCpus'), { threadsMax: 2 }, async () => {}),
  );
  assert.instance(error, RangeError);
  assert.match((error as Error).message, /^the machine needs 4 workers, .* at most 2 threads/);
});

test('a machine that does not observe says so', async () => {
  await withThreads(twoQueues('toCpus'), { observe: false }, async (machine) => {
    const error = await failureOf(machine.inject('eth0', [frameTo(0)]));
    assert.match((error as Error).message, /observe: false/);
    assert.throws(() => machine.record({}), /observe: false/);
  });
});

test('a machine in process has no workers to kill', async () => {
  const machine = await Machine.create({
    devices: [{ name: 'eth0', program: 'main' }],
    programs: { main: program('pass') },
  });
  assert.throws(() => machine.killWorker(machine.system.control), /in process/);
  await machine.close();
});

test('closing twice, and closing under load, are fine', async () => {
  const counters = await withThreads(twoQueues('toCpus'), {}, async (machine) => {
    const run = machine.run({ durationMs: 10_000 });
    run.catch(() => {});
    await until(() => machine.counters().frames.received > 1000);
    await Promise.all([machine.close(), machine.close()]);
  });
  assertConserved(counters);
});

test.run();
