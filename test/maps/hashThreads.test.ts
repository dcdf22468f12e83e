import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BpfMap, HashElem, MapType } from '../../src/arena/layout.generated.js';
import type { System } from '../../src/machine/system.js';
import { getWords } from '../support/barePlane.js';
import {
  type FinalVersions,
  type HashTask,
  KEY_BYTES,
  type ReaderReport,
  VALUE_WORDS,
  valueOfKey,
} from '../support/hashWorker.js';
import { testSystem, u32s } from '../support/testSystem.js';
import { runThreads } from '../support/threads.js';

const worker = fileURLToPath(new URL('../support/hashWorker.js', import.meta.url));
const WRITERS = 3;
const STEPS = 100_000;
/** Fewer than there are keys: writers find the map full now and then. */
const MAX_ENTRIES = 24;
const SHARED_KEYS = [1000, 1001, 1002, 1003];

function ownKeys(writer: number): number[] {
  return Array.from({ length: 8 }, (_, index) => 100 * writer + index);
}

/** Every element by where it is: in a chain, on the free list, or a CPU's spare. */
function elements({ arena, nrCpus }: System, map: number): Record<string, number[]> {
  const buckets = getWords(arena, arena.get(map, BpfMap.slots), arena.get(map, BpfMap.nrBuckets));
  const chains: number[] = [];
  buckets.forEach((head, bucket) => {
    let at = head;
    for (; at % 2 === 0; at = arena.get(at, HashElem.next)) chains.push(at);
    assert.is(at, 2 * bucket + 1, 'a chain ends in its own bucket');
  });
  const free: number[] = [];
  for (let at = arena.get(map, BpfMap.freeList); at !== 0; at = arena.get(at, HashElem.hash))
    free.push(at);
  return { chains, free, spares: getWords(arena, arena.get(map, BpfMap.extraElems), nrCpus + 1) };
}

/** Runs the threads over a new map; returns the map and what they report. */
async function churn(system: System): Promise<{
  fd: number;
  map: number;
  written: FinalVersions;
  reader: ReaderReport;
}> {
  const { arena, bpf } = system;
  const fd = bpf.mapCreate({
    ...{ type: MapType.HASH, keySize: KEY_BYTES, valueSize: 4 * VALUE_WORDS },
    ...{ maxEntries: MAX_ENTRIES, mapFlags: 0 },
  });
  const map = [...bpf.maps()].at(-1)!.address;
  const task = (thread: number, keys: readonly number[]): HashTask => ({
    ...{ memory: arena.memory, map, context: system.receiveContext(thread).address },
    ...{ scratch: arena.allocate(128), seed: thread + 1, steps: STEPS, keys },
    sharedKeys: SHARED_KEYS,
  });
  const writers = Array.from({ length: WRITERS }, (_, i) => task(i, ownKeys(i)));
  const allKeys = [...writers.flatMap(({ keys }) => keys), ...SHARED_KEYS];
  const results = await runThreads(worker, [
    ...writers.map((writer) => ({ name: 'write', task: writer })),
    { name: 'read', task: task(WRITERS, allKeys) },
  ]);
  const reader = results.pop() as ReaderReport;
  return { fd, map, written: Object.assign({}, ...(results as FinalVersions[])), reader };
}

test('threads that store, delete and look up leave a HASH whole, and each key as its writer left it', async () => {
  const system = testSystem({ nrCpus: WRITERS + 1 });

  const { fd, map, written, reader } = await churn(system);

  assert.ok(reader.found > 0);
  assert.is(reader.torn, 0);
  for (const key of ownKeys(0).concat(ownKeys(1), ownKeys(2))) {
    const value = system.bpf.mapLookupElem(fd, u32s(key), 0n);
    const version = written[key];
    if (version === undefined) assert.is(value, -2, `key ${key} is not there`);
    else assert.equal(value, u32s(...valueOfKey(key, version)), `key ${key}`);
  }
  const { chains, free, spares } = elements(system, map) as Record<string, number[]>;
  assert.is(system.arena.get(map, BpfMap.count), chains!.length);
  assert.is(chains!.length + free!.length, MAX_ENTRIES);
  const all = [...chains!, ...free!, ...spares!];
  assert.is(new Set(all).size, MAX_ENTRIES + WRITERS + 2, 'every element is in one place');
});

test.run();
