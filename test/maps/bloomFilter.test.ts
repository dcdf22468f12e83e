import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../src/arena/layout.generated.js';
import { newSystem, u32 } from '../support/bpfSyscalls.js';
import { property } from '../support/property.js';

const attributes = {
  type: MapType.BLOOM_FILTER,
  keySize: 0,
  valueSize: 4,
  maxEntries: 100,
  mapFlags: 0,
};

property(
  'a bloom filter never denies what was pushed, and seldom affirms what was not',
  import.meta.filename,
  fc.property(fc.uniqueArray(fc.nat(1e6), { maxLength: 100 }), (values) => {
    const { bpf } = newSystem();
    const fd = bpf.mapCreate(attributes);
    const mayHold = (value: number) => bpf.mapLookupElem(fd, null, 0n, true, u32(value)) !== -2;
    for (const value of values) assert.is(bpf.mapUpdateElem(fd, null, u32(value), 0n), 0);
    assert.ok(values.every(mayHold));
    let wrong = 0;
    for (let value = 2e6; value < 2e6 + 1000; value++) if (mayHold(value)) wrong++;
    assert.ok(wrong < 100, `${wrong} of 1000`);
  }),
  { numRuns: 20 },
);

test('it takes no flags, and nothing can be taken out', () => {
  const { bpf } = newSystem();
  const fd = bpf.mapCreate({ ...attributes, mapExtra: 3n });
  assert.is(bpf.mapUpdateElem(fd, null, u32(1), 1n), -22);
  assert.is(bpf.mapDeleteElem(fd, null), -95);
  assert.is(bpf.mapGetNextKey(fd, null), -95);
  assert.is(bpf.mapLookupAndDeleteElem(fd, null, 0n), -524);
  assert.is(bpf.mapCreate({ ...attributes, mapExtra: 16n }), -22);
});

test.run();
