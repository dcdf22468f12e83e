import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../src/machine/machine.js';
import { failureOf } from './threads.js';

const scenario = {
  cpus: 2,
  devices: [{ name: 'eth0' }],
  maps: {
    cpus: { type: 'cpumap' as const },
    ports: { type: 'devmap' as const, maxEntries: 2 },
    words: { type: 'array' as const, valueSize: 4, maxEntries: 2 },
  },
  traffic: [{ device: 'eth0', frames: 10 }],
};

test('a run takes whole numbers of frames and times that are numbers', async () => {
  await using machine = await Machine.create(scenario);
  for (const frames of [Number.NaN, 1.5, -5]) {
    const error = (await failureOf(machine.run({ frames }))) as Error;
    assert.instance(error, RangeError);
    assert.is(error.message, `run: frames: expected a whole number from 0, found ${frames}`);
  }
  assert.instance(await failureOf(machine.run({ frames: '5' as never })), TypeError);
  assert.match(
    ((await failureOf(machine.run({ durationMs: Number.NaN }))) as Error).message,
    /^run: durationMs: expected a number from 0, found NaN$/,
  );
  assert.is((await machine.run({ frames: 3 })).frames.received, 3);
});

test('keys and values of maps are whole numbers', async () => {
  await using machine = await Machine.create(scenario);
  const cpus = machine.map('cpus');
  assert.throws(() => cpus.update(0, { qsize: 1.5 }), /map cpus: qsize: expected a whole number/);
  assert.throws(() => cpus.update(0, { qsize: Number.NaN }), /found NaN/);
  assert.throws(() => cpus.update(0.5, { qsize: 1 }), /map cpus: a key: expected a whole number/);
  assert.throws(() => cpus.lookup('0' as never), TypeError);
  assert.throws(
    () => machine.map('ports').update(0, { device: -1 }),
    /map ports: device: expected/,
  );
  assert.throws(() => machine.map('words').update(0, 0.5), /map words: a value: expected/);
  cpus.update(0, { qsize: 16 });
  assert.equal(cpus.lookup(0), { qsize: 16 });
});

test.run();
