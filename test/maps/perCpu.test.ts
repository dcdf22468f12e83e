import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../src/arena/layout.generated.js';
import type { System } from '../../src/machine/system.js';
import { ERRNO } from '../../src/maps/errno.js';
import { testSystem, u32s } from '../support/testSystem.js';

/** Maps as programs see them: in the name of the context that runs, on its CPU. */

class Program {
  readonly #system: System;
  readonly #map: number;
  readonly #scratch: number;

  constructor(system: System, map: number) {
    this.#system = system;
    this.#map = map;
    this.#scratch = system.arena.allocate(16);
  }

  /** `bpf_map_update_elem` of a u64 with the low word `value`, on `cpu`. */
  update(cpu: number, key: number, value: number, flags = 0n): number {
    const { arena, dp } = this.#system;
    this.#enter(cpu, key);
    arena.setU32(this.#scratch + 8, value);
    return dp.bpfMapUpdateElem(this.#map, this.#scratch, this.#scratch + 8, flags);
  }

  /** `bpf_map_lookup_elem` on `cpu`: the value's low word. */
  lookup(cpu: number, key: number): number | undefined {
    const { arena, dp } = this.#system;
    this.#enter(cpu, key);
    const value = dp.bpfMapLookupElem(this.#map, this.#scratch);
    return value === 0 ? undefined : arena.u32(value);
  }

  delete(cpu: number, key: number): number {
    this.#enter(cpu, key);
    return this.#system.dp.bpfMapDeleteElem(this.#map, this.#scratch);
  }

  #enter(cpu: number, key: number): void {
    const { arena, dp } = this.#system;
    dp.setCurrent(this.#system.receiveContext(cpu).address);
    arena.setU32(this.#scratch, key);
  }
}

function create(type: MapType): { system: System; fd: number; program: Program } {
  const system = testSystem();
  const fd = system.bpf.mapCreate({ type, keySize: 4, valueSize: 8, maxEntries: 4, mapFlags: 0 });
  const program = new Program(system, [...system.bpf.maps()].at(-1)!.address);
  return { system, fd, program };
}

for (const type of [MapType.PERCPU_ARRAY, MapType.PERCPU_HASH]) {
  const name = type === MapType.PERCPU_ARRAY ? 'PERCPU_ARRAY' : 'PERCPU_HASH';

  test(`a program stores into the ${name} value of its own CPU, and other CPUs’ start at zero`, () => {
    const { system, fd, program } = create(type);

    assert.is(program.update(1, 2, 7), 0);

    assert.equal([program.lookup(0, 2), program.lookup(1, 2)], [0, 7]);
    assert.equal(system.bpf.mapLookupElem(fd, u32s(2), 0n), u32s(0, 0, 7, 0));
  });

  test(`a system call stores a ${name} value for each CPU`, () => {
    const { system, fd, program } = create(type);

    assert.is(system.bpf.mapUpdateElem(fd, u32s(3), u32s(5, 0, 6, 0), 0n), 0);

    assert.equal([program.lookup(0, 3), program.lookup(1, 3)], [5, 6]);
  });
}

test('a PERCPU_HASH element that is used anew does not remember its last values', () => {
  const { program } = create(MapType.PERCPU_HASH);
  for (const cpu of [0, 1]) program.update(cpu, 1, 9);
  program.delete(0, 1);

  program.update(0, 2, 4);

  assert.equal([program.lookup(0, 2), program.lookup(1, 2)], [4, 0]);
});

test('all CPUs see the one value of a HASH and of an ARRAY', () => {
  for (const type of [MapType.HASH, MapType.ARRAY]) {
    const { program } = create(type);
    program.update(0, 1, 3);
    program.update(1, 1, 8);
    assert.equal([program.lookup(0, 1), program.lookup(1, 1)], [8, 8]);
  }
});

test('each CPU replaces values of a full HASH with a spare of its own', () => {
  const { system, program } = create(MapType.HASH);
  for (let key = 0; key < 4; key++) program.update(0, key, key);

  for (let round = 0; round < 10; round++) {
    for (let key = 0; key < 4; key++) assert.is(program.update(round % 2, key, round), 0);
  }

  assert.is(program.update(1, 4, 0), -ERRNO.E2BIG);
  assert.equal(
    [0, 1, 2, 3].map((key) => program.lookup(0, key)),
    [9, 9, 9, 9],
  );
  system.dp.setCurrent(system.control.address);
});

test('programs can neither change the keys of an array nor the entries of a redirect map', () => {
  const { EINVAL, EOPNOTSUPP } = ERRNO;
  const array = create(MapType.ARRAY).program;

  assert.is(array.lookup(0, 4), undefined);
  assert.equal([array.update(0, 4, 1), array.delete(0, 1)], [-ERRNO.E2BIG, -EINVAL]);
  for (const type of [MapType.CPUMAP, MapType.DEVMAP, MapType.DEVMAP_HASH]) {
    const { program } = create(type);
    assert.is(program.lookup(0, 1), undefined);
    assert.equal([program.update(0, 1, 1), program.delete(0, 1)], [-EOPNOTSUPP, -EOPNOTSUPP]);
  }
});

test.run();
