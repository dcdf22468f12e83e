import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Exploration } from '../../src/schedule/exploration.js';
import { forEachSeed, seedsOf } from '../support/seeds.js';
import { hashPrograms, hashScenario } from './hashScenario.js';
import { trafficContexts } from './trafficMachine.js';

const file = 'dist/test/schedule/hashMap.test.js';

test('a hash map that programs and control change at once keeps all its elements', async () => {
  const exploration = await Exploration.start({ workers: trafficContexts, programs: hashPrograms });
  try {
    const hashes = new Set<string>();
    const seeds = seedsOf(500);
    forEachSeed(seeds, file, (seed) => {
      hashes.add(exploration.run(seed, hashScenario).hash);
    });
    assert.ok(hashes.size > seeds.length / 2, `${hashes.size} different runs`);
  } finally {
    await exploration.close();
  }
});

test.run();
