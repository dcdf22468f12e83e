import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Exploration } from '../../src/schedule/exploration.js';
import { compileDataplane, readDataplane } from '../support/compileDataplane.js';
import { hashPrograms, hashScenario } from './hashScenario.js';
import { trafficContexts, trafficPrograms } from './trafficMachine.js';
import { trafficScenario } from './trafficScenario.js';

/**
 * That the seam catches bugs: the data plane, broken on purpose in ways that only show when contexts meet, is explored
 * until something gives.
 */

interface Mistake {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** How it shows. */
  readonly symptom: RegExp;
  /** The hash map's scenario instead of the traffic's. */
  readonly inHash?: true;
}

/** Source text of a file of the data plane, and what it is replaced by. */
interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const SEEDS_MAX = 300;

const mistakes: readonly Mistake[] = [
  {
    name: 'a kthread that is woken before its frames are on the ring sleeps over them',
    edits: [
      {
        file: 'redirect/cpumapQueue.ts',
        from: 'bqFlushToQueue(ctx, cpu, bq);\n    wakeUp(bq.obj.kthread);',
        to: 'wakeUp(bq.obj.kthread);\n    bqFlushToQueue(ctx, cpu, bq);',
      },
    ],
    symptom: /lost wake-up/,
  },
  {
    name: 'two producers without the producer lock overwrite each other',
    edits: [
      { file: 'ring/ptrRing.ts', from: 'lock(producerLock(ring), holder);', to: '' },
      { file: 'ring/ptrRing.ts', from: 'unlock(producerLock(ring));', to: '' },
    ],
    symptom: /conservation|NOT_OWNER|NOT_FREE|RECYCLE_FULL|in use/,
  },
  {
    name: 'a kthread that is stopped without a grace period leaves frames behind',
    edits: [{ file: 'context/bottomHalf.ts', from: 'store32(seqOf(ctx), ctx.seq + 1);', to: '' }],
    symptom: /conservation|NOT_OWNER|in use/,
  },
  {
    name: 'a free element that is chained by the word that readers follow leads them astray',
    edits: [
      {
        file: 'map/hashFree.ts',
        from: 'storeRelaxed32(hashOf(elem), <u32>changetype<usize>(map.freeList))',
        to: 'storeRelaxed32(elem + offsetof<HashElem>("next"), <u32>changetype<usize>(map.freeList))',
      },
      {
        file: 'map/hashFree.ts',
        from: 'loadRelaxed32(hashOf(changetype<usize>(elem)))',
        to: 'loadRelaxed32(changetype<usize>(elem) + offsetof<HashElem>("next"))',
      },
    ],
    symptom: /no end after/,
    inHash: true,
  },
];

for (const { name, edits, symptom, inHash = false } of mistakes) {
  test(`${name}, and a seed below ${SEEDS_MAX} shows it`, async () => {
    const exploration = await Exploration.start({
      workers: trafficContexts,
      programs: inHash ? hashPrograms : trafficPrograms,
      module: await compileWith(edits),
    });
    try {
      const failure = explore((seed) => {
        if (inHash) exploration.run(seed, hashScenario);
        else exploration.run(seed, trafficScenario);
      });
      assert.ok(failure, `${SEEDS_MAX} seeds, and nothing was found`);
      assert.match(failure.message, symptom);
    } finally {
      await exploration.close();
    }
  });
}

/** The first failure. */
function explore(run: (seed: number) => void): Error | undefined {
  for (let seed = 0; seed < SEEDS_MAX; seed++) {
    try {
      run(seed);
    } catch (error) {
      if (process.env['XDPEMU_VERBOSE']) console.log(`seed ${seed}: ${(error as Error).stack}`);
      return error as Error;
    }
  }
  return undefined;
}

async function compileWith(edits: readonly Edit[]): Promise<WebAssembly.Module> {
  const sources = readDataplane();
  for (const { file, from, to } of edits) {
    const path = `src/dataplane/${file}`;
    const text = sources.get(path)!;
    assert.ok(text.includes(from), `${path} no longer has ${from}`);
    sources.set(path, text.replace(from, to));
  }
  const { wasm, messages } = await compileDataplane(sources);
  assert.ok(wasm, messages);
  return new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
}

test.run();
