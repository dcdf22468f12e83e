import { setImmediate } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BpfMap, HashElem, HashElems, MapType } from '../../src/arena/layout.generated.js';
import type { RingbufMap } from '../../src/maps/ringbuf.js';
import { MapWorkers } from '../support/mapWorkers.js';

const PRODUCERS = 2;
const COUNT = 20_000;

/** The numbers of each producer, in the order in which they came. */
function byProducer(words: readonly number[]): number[][] {
  const lists: number[][] = Array.from({ length: PRODUCERS }, () => []);
  for (const word of words) lists[word >>> 24]!.push(word & 0xffffff);
  return lists;
}

test('what workers push on a queue comes out whole, once, and in order for each', async () => {
  const attributes = { keySize: 0, valueSize: 32, maxEntries: 16, mapFlags: 0 };
  const workers = new MapWorkers(3, { ...attributes, type: MapType.QUEUE });
  const pushing = [workers.run('queuePush', COUNT), workers.run('queuePush', COUNT)];
  const popped = (await workers.run('queuePop', PRODUCERS * COUNT)) as number[];
  await Promise.all(pushing);
  for (const list of byProducer(popped)) {
    assert.is(list.length, COUNT);
    assert.ok(list.every((number, i) => number === i));
  }
});

test('records of a ring buffer are whole, and in order for each worker', async () => {
  const attributes = { keySize: 0, valueSize: 0, maxEntries: 4096, mapFlags: 0 };
  const workers = new MapWorkers(2, { ...attributes, type: MapType.RINGBUF });
  const ring = workers.map as RingbufMap;
  const writing = [workers.run('ringbufWrite', COUNT), workers.run('ringbufWrite', COUNT)];
  let isWriting = true;
  const done = Promise.all(writing).finally(() => {
    isWriting = false;
  });
  const words: number[] = [];
  while (isWriting) {
    for (const record of ring.consume()) words.push(wordOf(record));
    await setImmediate();
  }
  for (const record of ring.consume()) words.push(wordOf(record));
  await done;
  const kept = Array.from({ length: COUNT }, (_, i) => i).filter((i) => i % 3 !== 2);
  for (const list of byProducer(words)) assert.equal(list, kept);
});

/** The word that the record is made of; its length goes by the number in it. */
function wordOf(record: Uint8Array): number {
  const words = new Uint32Array(record.buffer);
  const word = words[0]!;
  assert.is(record.length, 32 + ((word & 0xffffff) % 5) * 8);
  assert.ok(words.subarray(0, 8).every((other) => other === word));
  return word;
}

test('an LRU map under churn refuses nothing, and loses no element', async () => {
  const attributes = { keySize: 4, valueSize: 32, maxEntries: 50, mapFlags: 0 };
  const workers = new MapWorkers(2, { ...attributes, type: MapType.LRU_HASH });
  const errors = await Promise.all([
    workers.run('lruChurn', 10 * COUNT),
    workers.run('lruChurn', 10 * COUNT),
  ]);
  assert.equal(errors, [[0], [0]]);
  const { arena, bpf } = workers.system;
  const keys = new Set<number>();
  for (let key = bpf.mapGetNextKey(workers.fd, null); typeof key !== 'number'; ) {
    const value = bpf.mapLookupElem(workers.fd, key, 0n) as Uint8Array;
    const word = new Uint32Array(key.buffer)[0]!;
    assert.ok(new Uint32Array(value.buffer).every((other) => other === word));
    keys.add(word);
    key = bpf.mapGetNextKey(workers.fd, key);
  }
  const { address } = workers.map;
  let free = 0;
  for (let elem = arena.get(address, BpfMap.freeList); elem !== 0; free++)
    elem = arena.get(elem, HashElem.hash);
  const spares = workers.system.nrCpus + 1;
  assert.is(keys.size, arena.get(address, BpfMap.count));
  const nrUsed = arena.get(arena.get(address, BpfMap.elems), HashElems.nrUsed);
  assert.is(keys.size + free + spares, nrUsed);
});

test('a prefix is found whatever is added and removed beside it', async () => {
  const attributes = { keySize: 8, valueSize: 4, maxEntries: 100, mapFlags: 1 };
  const workers = new MapWorkers(3, { ...attributes, type: MapType.LPM_TRIE });
  const key = Uint8Array.of(8, 0, 0, 0, 10, 0, 0, 0);
  workers.system.bpf.mapUpdateElem(workers.fd, key, new Uint8Array(4), 0n);
  const [misses, ...errors] = await Promise.all([
    workers.run('lpmLookup', 10 * COUNT),
    workers.run('lpmChurn', 5 * COUNT),
    workers.run('lpmChurn', 5 * COUNT),
  ]);
  assert.is(misses, 0);
  for (const seen of errors as number[][])
    assert.ok(
      seen.every((errno) => [0, -2, -28].includes(errno)),
      `${seen}`,
    );
});

test.run();
