import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../src/arena/layout.generated.js';
import { ATTACH_TYPE } from '../../src/maps/objects.js';
import { NumberMap, newSystem } from '../support/bpfSyscalls.js';
import { HelperMachine } from '../support/helperMachine.js';

const EXISTS = 2;

function programFd(system: ReturnType<typeof newSystem>, hasFrags = false) {
  const program = system.addProgram({
    name: 'p',
    expectedAttachType: ATTACH_TYPE.XDP,
    hasFrags,
  });
  return { fd: system.files.open({ kind: 'program', program }), program };
}

test('a PROG_ARRAY takes programs and tells their ids', () => {
  const system = newSystem();
  const map = new NumberMap(system, { type: MapType.PROG_ARRAY });
  const { fd, program } = programFd(system);
  assert.is(map.update(1, fd), 0);
  assert.is(map.lookup(1), program.id);
  assert.is(map.lookup(0), -2);
  assert.is(map.update(1, fd, EXISTS), -22);
  assert.is(map.update(4, fd), -7);
  assert.is(map.update(0, 99), -9);
  assert.is(map.update(0, map.fd), -22);
  assert.is(map.delete(1), 0);
  assert.is(map.delete(1), -2);
  assert.is(map.delete(4), -7);
});

test('the programs of a PROG_ARRAY are alike', () => {
  const system = newSystem();
  const map = new NumberMap(system, { type: MapType.PROG_ARRAY });
  assert.is(map.update(0, programFd(system, true).fd), 0);
  assert.is(map.update(1, programFd(system, false).fd), -22);
});

test('a PERF_EVENT_ARRAY takes perf events and tells nothing', () => {
  const system = newSystem();
  const map = new NumberMap(system, { type: MapType.PERF_EVENT_ARRAY });
  assert.is(map.update(0, system.openPerfEvent(0)), 0);
  assert.is(map.lookup(0), -524);
  assert.is(map.update(0, map.fd), -22);
});

for (const type of [MapType.ARRAY_OF_MAPS, MapType.HASH_OF_MAPS]) {
  const name = type === MapType.ARRAY_OF_MAPS ? 'an array' : 'a hash';
  test(`${name} of maps takes maps like its first one, and tells their ids`, () => {
    const system = newSystem();
    const inner = new NumberMap(system, { type: MapType.HASH });
    const outer = new NumberMap(system, { type, innerMapFd: inner.fd });
    assert.is(outer.update(1, inner.fd), 0);
    assert.is(outer.lookup(1), 1);
    const other = new NumberMap(system, { type: MapType.HASH, valueSize: 8 });
    assert.is(outer.update(1, other.fd), -22);
    assert.is(outer.update(1, 99), -9);
    assert.is(outer.delete(1), 0);
    assert.is(outer.delete(1), -2);
    assert.is(outer.lookup(1), -2);
  });

  test(`programs find the inner map in ${name} of maps, and use it`, () => {
    const machine = new HelperMachine();
    const inner = new NumberMap(machine.system, { type: MapType.ARRAY });
    const outer = new NumberMap(machine.system, { type, innerMapFd: inner.fd });
    outer.update(1, inner.fd);
    inner.update(2, 1234);
    const outerAddress = addressOf(machine, outer.fd);
    machine.run(() => {
      const key = machine.put(Uint8Array.of(1, 0, 0, 0));
      const found = machine.call('map_lookup_elem', outerAddress, key);
      assert.is(found, BigInt(addressOf(machine, inner.fd)));
      const innerKey = machine.put(Uint8Array.of(2, 0, 0, 0));
      const value = machine.call('map_lookup_elem', found, innerKey);
      assert.is(machine.arena.u32(Number(value)), 1234);
      machine.put(Uint8Array.of(3, 0, 0, 0));
      assert.is(machine.call('map_lookup_elem', outerAddress, key), 0n);
    });
  });

  test(`an inner map lives as long as ${name} of maps holds it`, () => {
    const machine = new HelperMachine();
    const { system } = machine;
    const inner = new NumberMap(system, { type: MapType.ARRAY });
    const outer = new NumberMap(system, { type, innerMapFd: inner.fd });
    outer.update(0, inner.fd);
    const address = addressOf(machine, inner.fd);
    system.files.close(inner.fd);
    system.housekeep();
    const use = () =>
      machine.run(() => machine.call('map_lookup_elem', address, machine.put(new Uint8Array(4))));
    assert.is(use(), undefined);
    outer.delete(0);
    system.housekeep();
    assert.is(use()?.reason, 'helper');
  });
}

test('arrays in a map of maps have one size, unless made with BPF_F_INNER_MAP', () => {
  const system = newSystem();
  for (const [mapFlags, expected] of [
    [0, -22],
    [4096, 0],
  ] as const) {
    const inner = new NumberMap(system, { type: MapType.ARRAY, mapFlags });
    const longer = new NumberMap(system, { type: MapType.ARRAY, maxEntries: 9, mapFlags });
    const outer = new NumberMap(system, { type: MapType.ARRAY_OF_MAPS, innerMapFd: inner.fd });
    assert.is(outer.update(0, longer.fd), expected);
  }
});

test('a map of maps needs a map that can be inside of one', () => {
  const system = newSystem();
  const create = (innerMapFd: number) =>
    new NumberMap(system, { type: MapType.ARRAY_OF_MAPS, innerMapFd });
  const inner = new NumberMap(system, { type: MapType.HASH });
  const outer = create(inner.fd);
  assert.throws(() => create(99), /-9$/);
  assert.throws(() => create(outer.fd), /-22$/);
  const programs = new NumberMap(system, { type: MapType.PROG_ARRAY });
  assert.throws(() => create(programs.fd), /-524$/);
});

function addressOf({ system }: HelperMachine, fd: number): number {
  const file = system.files.get(fd);
  if (file?.kind !== 'map') throw new RangeError(`descriptor ${fd} is no map`);
  return file.map.address;
}

test.run();
