import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena } from '../../src/arena/arena.js';
import { BpfMap, MapType } from '../../src/arena/layout.generated.js';
import type { System } from '../../src/machine/system.js';
import { getWords, instantiate } from '../support/barePlane.js';
import { property } from '../support/property.js';
import { testSystem, u32s } from '../support/testSystem.js';

/** What a writer does between two accesses of a reader: stores a key, or deletes it. */
interface Change {
  readonly key: number;
  readonly isDelete: boolean;
}

const MAX_ENTRIES = 4;
/** A reader that needs more accesses than this goes round in circles. */
const ACCESSES_MAX = 2000;

/** A HASH of `MAX_ENTRIES` with `keys` in it: its address. */
function createHash(system: System, keys: readonly number[]): { fd: number; address: number } {
  const { bpf } = system;
  const type = MapType.HASH;
  const fd = bpf.mapCreate({
    type,
    keySize: 4,
    valueSize: 4,
    maxEntries: MAX_ENTRIES,
    mapFlags: 0,
  });
  for (const key of keys) bpf.mapUpdateElem(fd, u32s(key), u32s(key), 0n);
  const [map] = [...bpf.maps()].slice(-1);
  return { fd, address: map!.address };
}

/** The first `count` keys that belong into bucket 0. */
function keysOfOneBucket(count: number): number[] {
  const system = testSystem();
  const { fd, address } = createHash(system, []);
  const firstBucket = system.arena.get(address, BpfMap.slots);
  const keys: number[] = [];
  for (let key = 0; keys.length < count; key++) {
    system.bpf.mapUpdateElem(fd, u32s(key), u32s(key), 0n);
    // Chains end with an odd number.
    if (system.arena.u32(firstBucket) % 2 === 0) keys.push(key);
    system.bpf.mapDeleteElem(fd, u32s(key));
  }
  return keys;
}

/** Nobody touches the first while the reader looks for it; the others come and go in its bucket. */
const [SOUGHT, ...OTHERS] = keysOfOneBucket(5) as [number, ...number[]];
/** In other buckets, most of them: elements move from chain to chain. */
const STRANGERS = [100, 101, 102, 103];

/** Looks up `SOUGHT` and lets the writer make its next change before each shared access of the reader. */
function findAmidst(
  system: System,
  { fd, address }: { fd: number; address: number },
  changes: readonly (Change | undefined)[],
): number {
  let accesses = 0;
  const reader = instantiate(system.arena, 'explored', () => {
    const change = changes[accesses++];
    if (accesses > ACCESSES_MAX) throw new Error(`no end after ${ACCESSES_MAX} accesses`);
    if (change === undefined) return;
    const key = u32s(change.key);
    if (change.isDelete) system.bpf.mapDeleteElem(fd, key);
    else system.bpf.mapUpdateElem(fd, key, key, 0n);
  });
  reader.setCurrent(system.control.address);
  const key = system.arena.allocate(4);
  system.arena.setU32(key, SOUGHT);
  return reader.hashFind(address, key);
}

test('a reader that stands on an element while it is deleted from a full map finds its way on', () => {
  for (let access = 0; access < 8; access++) {
    const system = testSystem();
    const others = OTHERS.slice(0, MAX_ENTRIES - 1);
    const map = createHash(system, [SOUGHT, ...others]);
    const changes: (Change | undefined)[] = new Array(access).fill(undefined);
    for (const key of others) changes.push({ key, isDelete: true });

    assert.is.not(findAmidst(system, map, changes), 0, `changes from access ${access} on`);
  }
});

const otherKey = fc.constantFrom(...OTHERS, ...STRANGERS);
const change = fc.option(fc.record({ key: otherKey, isDelete: fc.boolean() }), { nil: undefined });

property(
  'a key that nobody touches is found, whatever becomes of the elements on the way',
  import.meta.filename,
  fc.property(
    fc.uniqueArray(otherKey, { maxLength: MAX_ENTRIES - 1 }),
    fc.array(change, { maxLength: 40 }),
    (keys, changes) => {
      const system = testSystem();
      const map = createHash(system, [SOUGHT, ...keys]);

      assert.is.not(findAmidst(system, map, changes), 0);
    },
  ),
  { numRuns: 300 },
);

test('the value that BPF_MAP_LOOKUP_AND_DELETE_ELEM takes out is the one it returns', () => {
  let atAccess: (() => void) | undefined;
  const arena = Arena.create(2 ** 25);
  const dp = instantiate(arena, 'explored', () => atAccess?.());
  const system = testSystem({ plane: { arena, dp } });
  const { fd, address } = createHash(system, [SOUGHT]);
  const writer = instantiate(arena);
  writer.setCurrent(system.receiveContext(0).address);
  const [key, value] = [arena.allocate(4), arena.allocate(4)];
  arena.setU32(key, SOUGHT);
  const locks = arena.get(address, BpfMap.locks);

  for (let access = 0; access < 40; access++) {
    let accesses = 0;
    let stored = -1;
    atAccess = () => {
      const held = [...getWords(arena, locks, MAX_ENTRIES), arena.get(address, BpfMap.freeLock)];
      if (accesses++ !== access || held.some((lock) => lock !== 0)) return;
      arena.setU32(value, access);
      stored = writer.hashUpdate(address, key, value, 0n, 0);
    };
    const taken = system.bpf.mapLookupAndDeleteElem(fd, u32s(SOUGHT), 0n);
    atAccess = undefined;

    const left = system.bpf.mapLookupElem(fd, u32s(SOUGHT), 0n);
    const isThere = isValue(taken, access) || isValue(left, access);
    assert.ok(stored !== 0 || isThere, `the value stored at access ${access} got lost`);
    system.bpf.mapUpdateElem(fd, u32s(SOUGHT), u32s(SOUGHT), 0n);
  }
});

function isValue(value: Uint8Array | number, expected: number): boolean {
  return typeof value !== 'number' && Buffer.from(value).equals(u32s(expected));
}

test.run();
