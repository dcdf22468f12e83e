import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Fate } from '../../src/arena/layout.generated.js';
import { Exploration } from '../../src/schedule/exploration.js';
import { forEachSeed, seedsOf } from '../support/seeds.js';
import { socketContexts, socketScenario } from './socketScenario.js';
import { trafficPrograms } from './trafficMachine.js';

const file = 'dist/test/schedule/sockets.test.js';

test('no schedule of receivers, applications and control loses a frame or a chunk of a UMEM', async () => {
  const exploration = await Exploration.start({
    workers: socketContexts,
    programs: trafficPrograms,
  });
  try {
    const hashes = new Set<string>();
    const fates = new Set<number>();
    const seeds = seedsOf(500);
    forEachSeed(seeds, file, (seed) => {
      const { hash, counters } = exploration.run(seed, socketScenario);
      hashes.add(hash);
      counters.fates.forEach((count, fate) => {
        if (count > 0) fates.add(fate);
      });
    });
    if (seeds.length === 1) return;
    assert.ok(hashes.size > seeds.length / 2, `${hashes.size} different runs`);
    for (const name of [
      'SOCKET',
      'PASS',
      'TRANSMITTED',
      'REDIRECT_EINVAL',
      'REDIRECT_ENOBUFS',
    ] as const)
      assert.ok(fates.has(Fate[name]), `no frame met ${name}`);
  } finally {
    await exploration.close();
  }
});

test.run();
