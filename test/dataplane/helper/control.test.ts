import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../../src/arena/layout.generated.js';
import { ATTACH_TYPE } from '../../../src/maps/objects.js';
import { explainRefusal } from '../../../src/program/helperFault.js';
import { trampoline } from '../../../src/program/trampoline.js';
import { callbackTrampoline } from '../../support/callbackTrampoline.js';
import { HelperMachine } from '../../support/helperMachine.js';

const attributes = { keySize: 4, valueSize: 4, maxEntries: 4, mapFlags: 0 };

function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

/** Puts a program in slot 1 of a new PROG_ARRAY; returns the map's address. */
function progArray(machine: HelperMachine, run: (xdp: number) => number): number {
  const { system } = machine;
  const map = machine.map({ ...attributes, type: MapType.PROG_ARRAY });
  const program = system.addProgram({
    name: 'callee',
    expectedAttachType: ATTACH_TYPE.XDP,
    hasFrags: true,
  });
  system.dp.table.set(program.tableIndex, trampoline(run));
  const fd = system.files.open({ kind: 'program', program });
  assert.is(system.bpf.mapUpdateElem(map.fd, u32(1), u32(fd), 0n), 0);
  return map.address;
}

test('a tail call gives the verdict of the other program', () => {
  const machine = new HelperMachine();
  let seen = 0;
  const map = progArray(machine, (xdp) => {
    seen = xdp;
    return 2;
  });
  machine.run((xdp) => {
    assert.is(machine.call('tail_call', xdp, map, 1), 2n);
    assert.is(seen, xdp);
  });
});

test('a tail call to an empty slot, or behind the last, falls through', () => {
  const machine = new HelperMachine();
  const map = progArray(machine, () => 2);
  machine.run((xdp) => {
    for (const index of [0, 4, 2 ** 32 - 1])
      assert.ok(machine.call('tail_call', xdp, map, index) < 0n);
  });
});

test('a run makes 33 tail calls at most, and the next one has them again', () => {
  const machine = new HelperMachine();
  let calls = 0;
  const map = progArray(machine, (xdp): number => {
    calls++;
    return Math.max(Number(machine.call('tail_call', xdp, map, 1)), 0);
  });
  for (let run = 1; run <= 2; run++) {
    machine.run((xdp) => machine.call('tail_call', xdp, map, 1));
    assert.is(calls, 33 * run);
  }
});

/** Puts a callback in the program table; returns its slot. */
function callback(
  machine: HelperMachine,
  run: (r1: bigint, r2: bigint, r3: bigint, r4: bigint) => bigint,
): number {
  const { dp } = machine;
  const slot = dp.table.length;
  dp.table.grow(1);
  dp.table.set(slot, callbackTrampoline(run));
  dp.setCallbackSlots(slot, slot + 1);
  return slot;
}

test('loop calls back until it is told to stop', () => {
  const machine = new HelperMachine();
  const seen: bigint[] = [];
  const slot = callback(machine, (index, context) => {
    seen.push(index);
    return index === context ? 1n : 0n;
  });
  machine.run(() => {
    assert.is(machine.call('loop', 10, slot, 3, 0), 4n);
    assert.is(machine.call('loop', 2, slot, 99, 0), 2n);
    assert.is(machine.call('loop', 10, slot, 3, 1), -22n);
    assert.is(machine.call('loop', 2 ** 23 + 1, slot, 3, 0), -7n);
  });
  assert.equal(seen, [0n, 1n, 2n, 3n, 0n, 1n]);
});

test('a number that is no callback ends the run', () => {
  const machine = new HelperMachine();
  const slot = callback(machine, () => 0n);
  for (const wrong of [0, 1, slot - 1, slot + 1, 2 ** 32 + slot]) {
    const fault = machine.run(() => machine.call('loop', 1, wrong, 0, 0));
    assert.match(explainRefusal(fault?.detail ?? 0n), /argument 2 .* is not a function/);
  }
});

for (const type of [MapType.ARRAY, MapType.HASH, MapType.LRU_HASH]) {
  test(`for_each_map_elem shows every entry of a map of type ${type}`, () => {
    const machine = new HelperMachine();
    const { arena, system } = machine;
    const { address, fd } = machine.map({ ...attributes, type });
    for (let key = 0; key < 4; key++) system.bpf.mapUpdateElem(fd, u32(key), u32(10 * key), 0n);
    const seen = new Map<number, number>();
    const slot = callback(machine, (map, key, value, context) => {
      assert.is(map, BigInt(address));
      assert.is(context, 77n);
      assert.ok(Number(key) >= arena.programWindow.low);
      seen.set(arena.u32(Number(key)), arena.u32(Number(value)));
      return 0n;
    });
    machine.run(() => assert.is(machine.call('for_each_map_elem', address, slot, 77, 0), 4n));
    assert.equal(
      [...seen].sort(([a], [b]) => a - b),
      [0, 1, 2, 3].map((key) => [key, 10 * key]),
    );
  });
}

test('a spin lock is held until it is given back, or the run ends', () => {
  const machine = new HelperMachine();
  const lock = machine.scratch;
  machine.run(() => {
    machine.call('spin_lock', lock);
    assert.not.equal(machine.arena.u32(lock), 0);
    machine.call('spin_unlock', lock);
    assert.is(machine.arena.u32(lock), 0);
  });
  machine.run(() => machine.call('spin_lock', lock));
  assert.is(machine.arena.u32(lock), 0);
});

test('a lock that nobody gives back ends the run in bounded time', () => {
  const machine = new HelperMachine();
  machine.put(Uint8Array.of(99, 0, 0, 0));
  const startMs = performance.now();
  const fault = machine.run(() => machine.call('spin_lock', machine.scratch));
  assert.match(explainRefusal(fault?.detail ?? 0n), /is a lock that was never given back/);
  assert.ok(performance.now() - startMs < 5000);
});

test('a lock that is held already, or not held, ends the run', () => {
  const machine = new HelperMachine();
  const lock = machine.put(new Uint8Array(8));
  const twice = machine.run(() => {
    machine.call('spin_lock', lock);
    machine.call('spin_lock', lock + 4);
  });
  assert.is(twice?.reason, 'helper');
  assert.is(machine.run(() => machine.call('spin_unlock', lock))?.reason, 'helper');
});

test.run();
