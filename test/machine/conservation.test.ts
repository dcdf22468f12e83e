import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Counters, readCounters } from '../../src/machine/counters.js';
import { Machine } from '../../src/machine/machine.js';
import type { ModuleScenario } from '../../src/scenario/module.js';
import { property } from '../support/property.js';
import { randomScenario, roomy, tight } from './randomScenario.js';
import { assertConserved, withThreads } from './threads.js';

const FILE = 'dist/test/machine/conservation.test.js';

async function inProcess(scenario: ModuleScenario): Promise<Counters> {
  const machine = await Machine.create(scenario, { observe: false });
  await machine.run();
  machine.verify();
  return await machine.close();
}

property(
  'whatever the scenario, workers account for every frame',
  FILE,
  fc.asyncProperty(randomScenario(tight, 5000), async (scenario) => {
    const counters = await withThreads(scenario, {}, async (machine) => {
      await machine.run();
      machine.verify();
    });
    assertConserved(counters);
  }),
  { numRuns: 60 },
);

/** What each sink was given: what does not depend on who ran when. */
function delivered({ frames, cpus, devices, sockets }: Counters) {
  return {
    fates: frames.fates,
    passed: cpus.map(({ cpu, fates }) => [cpu, fates['pass'] ?? 0]).filter(([, n]) => n !== 0),
    devices: devices.map(({ name, rxFrames, txFrames, txBytes }) => [
      name,
      rxFrames,
      txFrames,
      txBytes,
    ]),
    sockets: sockets.map(({ name, rxFrames, rxBytes, appFrames, txFrames }) => [
      name,
      rxFrames,
      rxBytes,
      appFrames,
      txFrames,
    ]),
  };
}

property(
  'where nothing overflows, workers deliver what a run in process delivers',
  FILE,
  fc.asyncProperty(randomScenario(roomy, 200), async (scenario) => {
    const expected = await inProcess(scenario);
    const actual = await withThreads(scenario, {}, (machine) => machine.run());
    assert.equal(delivered(actual), delivered(expected));
  }),
  { numRuns: 40 },
);

property(
  'a run in process is the same every time',
  FILE,
  fc.asyncProperty(randomScenario(tight, 1000), async (scenario) => {
    const first = await inProcess(scenario);
    assertConserved(first);
    assert.equal(await inProcess(scenario), first);
  }),
  { numRuns: 25 },
);

test('counters can be read of a machine that is closed', async () => {
  const scenario = fc.sample(randomScenario(roomy, 10), { numRuns: 1, seed: 1 })[0]!;
  const machine = await Machine.create(scenario);
  const { frames } = await machine.run();
  await machine.close();
  assert.equal(readCounters(machine.system).frames, frames);
});

test.run();
