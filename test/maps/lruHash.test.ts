import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../src/arena/layout.generated.js';
import { NumberMap, newSystem } from '../support/bpfSyscalls.js';
import { HelperMachine } from '../support/helperMachine.js';
import { property } from '../support/property.js';

const ENTRIES = 8;

interface Step {
  readonly kind: 'update' | 'delete' | 'lookup';
  readonly key: number;
  readonly flags: number;
}
const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('update', 'delete', 'lookup'),
    key: fc.nat(20),
    flags: fc.constantFrom(0, 0, 0, 1, 2),
  }),
  { maxLength: 200 },
);

property(
  'what an LRU map holds is what was last written, and it is full before anything goes',
  import.meta.filename,
  fc.property(steps, (list) => {
    const map = new NumberMap(newSystem(), { type: MapType.LRU_HASH, maxEntries: ENTRIES });
    const written = new Map<number, number>();
    list.forEach(({ kind, key, flags }, step) => {
      const before = new Set(map.keys());
      if (kind === 'update') {
        const refused =
          flags === 1 && before.has(key) ? -17 : flags === 2 && !before.has(key) ? -2 : 0;
        assert.is(map.update(key, step, flags), refused);
        if (refused === 0) written.set(key, step);
      } else if (kind === 'delete') {
        assert.is(map.delete(key), before.has(key) ? 0 : -2);
      }
      const after = map.keys();
      for (const present of after) assert.is(map.lookup(present), written.get(present));
      if (kind === 'update' && !before.has(key) && after.includes(key))
        assert.is(after.length, Math.min(before.size + 1, ENTRIES));
    });
  }),
  { numRuns: 50 },
);

test('an entry that programs use stays while others go', () => {
  const machine = new HelperMachine();
  const { address } = machine.map({
    type: MapType.LRU_HASH,
    keySize: 4,
    valueSize: 4,
    maxEntries: ENTRIES,
    mapFlags: 0,
  });
  const key = (value: number) => machine.put(Uint8Array.of(value, 0, 0, 0));
  machine.run(() => {
    machine.call('map_update_elem', address, key(0), machine.scratch, 0);
    for (let i = 1; i < 100; i++) {
      assert.not.equal(machine.call('map_lookup_elem', address, key(0)), 0n, `after ${i}`);
      assert.is(machine.call('map_update_elem', address, key(i), machine.scratch, 0), 0n);
    }
  });
});

test('updating what is there evicts nothing', () => {
  const map = new NumberMap(newSystem(), { type: MapType.LRU_HASH, maxEntries: ENTRIES });
  for (let key = 0; key < ENTRIES; key++) map.update(key, key);
  for (let i = 0; i < 50; i++) assert.is(map.update(i % ENTRIES, i), 0);
  assert.is(map.keys().length, ENTRIES);
});

test('the per-CPU form holds a value for each CPU', () => {
  const machine = new HelperMachine();
  const attributes = { keySize: 4, valueSize: 4, maxEntries: 2, mapFlags: 0 };
  const { address, fd } = machine.map({ ...attributes, type: MapType.LRU_PERCPU_HASH });
  machine.run(() => {
    for (let i = 0; i < 10; i++) {
      const key = machine.put(Uint8Array.of(i, 0, 0, 0));
      const value = machine.put(Uint8Array.of(100 + i, 0, 0, 0), 8);
      assert.is(machine.call('map_update_elem', address, key, value, 0), 0n);
    }
  });
  const value = machine.system.bpf.mapLookupElem(fd, Uint8Array.of(9, 0, 0, 0), 0n);
  assert.equal(value, Uint8Array.of(109, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
});

test('it cannot be made without preallocation', () => {
  assert.throws(() => new NumberMap(newSystem(), { type: MapType.LRU_HASH, mapFlags: 1 }), /-524/);
});

test.run();
