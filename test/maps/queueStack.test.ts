import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../src/arena/layout.generated.js';
import { NumberMap, newSystem } from '../support/bpfSyscalls.js';
import { property } from '../support/property.js';

const MAX_ENTRIES = 3;
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('push', 'push', 'peek', 'pop'),
    flags: fc.constantFrom(0, 0, 1, 2, 3),
  }),
  { maxLength: 60 },
);

for (const type of [MapType.QUEUE, MapType.STACK]) {
  const name = type === MapType.QUEUE ? 'queue' : 'stack';
  property(
    `a ${name} gives back what was pushed, in its order; BPF_EXIST overwrites the oldest`,
    import.meta.filename,
    fc.property(steps, (list) => {
      const map = new NumberMap(newSystem(), { type, keySize: 0, maxEntries: MAX_ENTRIES });
      const model: number[] = [];
      const next = () => (type === MapType.QUEUE ? model[0] : model.at(-1)) ?? -2;
      list.forEach(({ kind, flags }, step) => {
        if (kind === 'peek') assert.is(map.lookup(null), next());
        else if (kind === 'pop') {
          assert.is(map.lookupAndDelete(null), next());
          if (type === MapType.QUEUE) model.shift();
          else model.pop();
        } else if (flags === 1 || flags === 3) assert.is(map.update(null, step, flags), -22);
        else if (model.length === MAX_ENTRIES && flags === 0) assert.is(map.update(null, step), -7);
        else {
          assert.is(map.update(null, step, flags), 0);
          if (model.length === MAX_ENTRIES) model.shift();
          model.push(step);
        }
      });
    }),
  );
}

test('there are no keys', () => {
  const map = new NumberMap(newSystem(), { type: MapType.QUEUE, keySize: 0 });
  assert.is(map.update(0, 1), -22);
  assert.is(map.delete(null), -22);
  assert.is(map.nextKey(null), -22);
  assert.throws(() => new NumberMap(newSystem(), { type: MapType.STACK }), /-22/);
});

test.run();
