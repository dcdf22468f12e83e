import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../../src/arena/layout.generated.js';
import { explainRefusal } from '../../../src/program/helperFault.js';
import { HelperMachine } from '../../support/helperMachine.js';

const machine = new HelperMachine();
const { arena } = machine;
const attributes = { keySize: 4, valueSize: 8, maxEntries: 4, mapFlags: 0 };
const key = (value: number) => machine.put(Uint8Array.of(value, 0, 0, 0));
const value = (...bytes: number[]) => machine.put(Uint8Array.of(...bytes), 64);

test('a value can be updated, looked up and deleted', () => {
  const { address } = machine.map({ ...attributes, type: MapType.HASH });
  machine.run(() => {
    assert.is(machine.call('map_lookup_elem', address, key(7)), 0n);
    assert.is(machine.call('map_update_elem', address, key(7), value(1, 2, 3, 4, 5, 6, 7, 8)), 0n);
    const at = Number(machine.call('map_lookup_elem', address, key(7)));
    assert.equal([...arena.bytes(at, 8)], [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.ok(at >= arena.programWindow.low, 'the value is where programs may write');
    assert.is(machine.call('map_delete_elem', address, key(7)), 0n);
    assert.is(machine.call('map_delete_elem', address, key(7)), -2n);
  });
});

test('lookup_percpu_elem reaches the value of every CPU', () => {
  for (const type of [MapType.PERCPU_ARRAY, MapType.PERCPU_HASH]) {
    const { address } = machine.map({ ...attributes, type });
    machine.run(() => {
      machine.call('map_update_elem', address, key(1), value(9, 9, 9, 9, 9, 9, 9, 9));
      const own = machine.call('map_lookup_elem', address, key(1));
      assert.is(machine.call('map_lookup_percpu_elem', address, key(1), 0), own);
      const other = Number(machine.call('map_lookup_percpu_elem', address, key(1), 1));
      assert.equal([...arena.bytes(other, 8)], [0, 0, 0, 0, 0, 0, 0, 0]);
      assert.is(machine.call('map_lookup_percpu_elem', address, key(1), 2), 0n);
    });
  }
});

test('a number that is no map ends the run', () => {
  const { address } = machine.map({ ...attributes, type: MapType.HASH });
  for (const wrong of [0, 1, address + 4, address + 128, machine.scratch, 2 ** 32 + address]) {
    const fault = machine.run(() => machine.call('map_lookup_elem', wrong, key(0)));
    assert.match(explainRefusal(fault?.detail ?? 0n), /^argument 1 .* is not a map/);
  }
});

test('so does a map that is gone', () => {
  const { address, fd } = machine.map({ ...attributes, type: MapType.ARRAY });
  machine.system.files.close(fd);
  machine.system.housekeep();
  const fault = machine.run(() => machine.call('map_lookup_elem', address, key(0)));
  assert.match(explainRefusal(fault?.detail ?? 0n), /is not a map/);
});

test('a map of another type than the helper takes ends the run', () => {
  const { address } = machine.map({ ...attributes, type: MapType.ARRAY });
  const fault = machine.run(() => machine.call('redirect_map', address, 0, 0));
  assert.match(explainRefusal(fault?.detail ?? 0n), /type that the helper does not take/);
});

test('a map that programs may only read, or only write, is kept so', () => {
  const readOnly = machine.map({ ...attributes, type: MapType.ARRAY, mapFlags: 128 }).address;
  const writeOnly = machine.map({ ...attributes, type: MapType.ARRAY, mapFlags: 256 }).address;
  const refused = (run: () => void) => explainRefusal(machine.run(run)?.detail ?? 0n);
  assert.match(
    refused(() => machine.call('map_update_elem', readOnly, key(0), value(0))),
    /not use in this way/,
  );
  assert.match(
    refused(() => machine.call('map_lookup_elem', writeOnly, key(0))),
    /not use in this way/,
  );
});

test.run();
