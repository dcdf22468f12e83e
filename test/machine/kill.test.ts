import fc from 'fast-check';
import { test } from 'uvu';
import { WorkerDiedError } from '../../src/machine/crew.js';
import { disturb, restore } from '../../src/stress/disturbances.js';
import { Random } from '../../src/stress/random.js';
import { stressScenario } from '../../src/stress/scenario.js';
import { property } from '../support/property.js';
import { assertConserved, failureOf, until, withThreads } from './threads.js';

const FILE = 'dist/test/machine/kill.test.js';
const SHAPE = { rx: 2, cpus: 2 };
const RUN_MS = 60;

const kills = fc.array(
  fc.record({ context: fc.nat(20), afterMs: fc.integer({ min: 0, max: RUN_MS - 20 }) }),
  { minLength: 1, maxLength: 3 },
);

property(
  'whoever dies when, under load: the others go on, every frame is accounted for, the machine closes',
  FILE,
  fc.asyncProperty(fc.nat(1000), kills, async (seed, victims) => {
    const shape = { ...SHAPE, seed };
    const counters = await withThreads(stressScenario(shape), {}, async (machine) => {
      const field = { machine, shape, random: new Random(seed) };
      restore(field);
      const run = machine.run({ durationMs: RUN_MS });
      const outcome = failureOf(run);
      const workers = machine.system.kernel.contexts.slice(1);
      for (const { context, afterMs } of victims)
        setTimeout(() => machine.killWorker(workers[context % workers.length]!), afterMs);
      const churn = setInterval(() => disturb(field), 2);
      setTimeout(() => {
        clearInterval(churn);
        restore(field);
      }, RUN_MS);
      const error = await outcome;
      if (!(error instanceof WorkerDiedError)) throw error;
      const dead = new Set(victims.map(({ context }) => context % workers.length));
      await until(() => machine.deaths.length === dead.size);
      await machine.idle();
      machine.verify();
    });
    assertConserved(counters);
  }),
  { numRuns: 20, interruptAfterTimeLimit: 20_000 },
);

test.run();
