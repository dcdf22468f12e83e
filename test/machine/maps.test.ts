import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../src/machine/machine.js';
import type { ModuleScenario } from '../../src/scenario/module.js';
import { assertConserved, program, withThreads } from './threads.js';

/** A program that reads and writes every kind of map, on two receive workers. */
const scenario: ModuleScenario = {
  cpus: 2,
  devices: [{ name: 'eth0', rxQueues: 2, program: 'main' }, { name: 'out0' }],
  programs: { main: program('countAll') },
  maps: {
    array: { type: 'array', valueSize: 8, maxEntries: 2 },
    hash: { type: 'hash', keySize: 4, valueSize: 8, maxEntries: 16 },
    perCpuArray: { type: 'percpu_array', valueSize: 8, maxEntries: 1 },
    perCpuHash: { type: 'percpu_hash', keySize: 4, valueSize: 8, maxEntries: 16 },
    cpus: { type: 'cpumap' },
    ports: { type: 'devmap', maxEntries: 2 },
    flood: { type: 'devmap_hash', maxEntries: 2 },
    sockets: { type: 'xskmap', maxEntries: 1 },
  },
  sockets: [{ name: 'xsk', device: 'eth0' }],
  traffic: [{ device: 'eth0', flows: 64 }],
};

const CHURN_MS = 300;

test('every kind of map can be changed and read while programs use it', async () => {
  let rounds = 0;
  const counters = await withThreads(scenario, {}, async (machine) => {
    const [array, hash, perCpuHash] = ['array', 'hash', 'perCpuHash'].map((name) =>
      machine.map(name),
    );
    const run = machine.run({ durationMs: CHURN_MS });
    let isOver = false;
    const ended = run.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      const key = 100 + (rounds % 8);
      array!.update(1, rounds);
      assert.is(array!.lookupNumber(1), rounds);
      for (const map of [hash!, perCpuHash!]) {
        map.update(key, 1);
        assert.ok(map.lookupNumber(key)! >= 1);
        assert.ok([...map.entries()].length >= 1);
        map.delete(key);
        assert.is(map.lookupNumber(key), undefined);
      }
      machine.map('perCpuArray').lookupNumber(0);
      machine.map('cpus').update(rounds % 2, { qsize: 64 });
      assert.equal(machine.map('cpus').lookup(rounds % 2), { qsize: 64 });
      machine.map('ports').update(0, { device: 'out0' });
      machine.map('ports').delete(0);
      machine.map('flood').update(1, { device: 'out0' });
      machine.map('flood').delete(1);
      machine.map('sockets').update(0, { socket: 'xsk' });
      machine.map('sockets').delete(0);
      rounds++;
      if (rounds % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await ended;
    machine.verify();
    // Atomic additions, one slot for each CPU, one element for each flow: nothing got lost.
    const received = machine.counters().devices[0]!.rxFrames;
    assert.is(machine.map('array').lookupNumber(0), received);
    assert.is(machine.map('perCpuArray').lookupNumber(0), received);
  });
  assertConserved(counters);
  assert.ok(rounds > 20, `${rounds} rounds`);
});

test('a handle reads and writes many entries with a few system calls', async () => {
  const machine = await Machine.create({
    devices: [{ name: 'eth0' }],
    maps: {
      table: { type: 'hash', keySize: 4, valueSize: 4, maxEntries: 100 },
      ports: { type: 'devmap', maxEntries: 4 },
    },
  });
  const table = machine.map('table');
  table.updateBatch(Array.from({ length: 60 }, (_, i) => [i, i * 2] as const));
  const numbers = (entries: Iterable<[Uint8Array, Uint8Array]>) =>
    [...entries]
      .map(([key, value]) => [Buffer.from(key).readUInt32LE(), Buffer.from(value).readUInt32LE()])
      .sort(([a = 0], [b = 0]) => a - b);
  const all = Array.from({ length: 60 }, (_, i) => [i, i * 2]);
  assert.equal(numbers(table.lookupBatch(10)), all);
  table.deleteBatch([0, 1]);
  assert.throws(
    () => table.deleteBatch([2, 1, 3]),
    (error: unknown) => {
      const { code, done } = error as { code: string; done: number };
      return code === 'ENOENT' && done === 1;
    },
  );
  assert.equal(numbers(table.lookupAndDeleteBatch()), all.slice(3));
  assert.equal([...table.lookupBatch()], []);
  const ports = machine.map('ports');
  assert.throws(
    () => [...ports.lookupBatch()],
    (error: unknown) => (error as { code: string }).code === 'ENOTSUPP',
  );
  await machine.close();
});

test.run();
