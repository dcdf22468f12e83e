import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../../src/arena/layout.generated.js';
import { Machine } from '../../../src/machine/machine.js';
import type { MachineMode } from '../../../src/machine/machineOptions.js';
import { ObjectFiles } from '../../../src/program/ebpf/objectFile.js';
import { xdpPrograms } from '../../../src/program/ebpf/objectPrograms.js';
import type { ModuleScenario } from '../../../src/scenario/module.js';
import {
  allFixtures,
  COMPILERS,
  type Compiler,
  fixturePath,
  shortName,
} from '../../bpf/support/fixtures.js';

const frame = new Uint8Array(64);

/** A machine with two nics, whose first runs a program of the fixture `steer`. */
function steer(
  compiler: Compiler,
  more: ModuleScenario & { readonly program?: object } = {},
  mode: MachineMode = 'in-process',
): Promise<Machine> {
  const { program, ...scenario } = more;
  const main = { module: fixturePath('steer', compiler), export: 'to_cpu', ...program };
  return Machine.create(
    {
      cpus: 4,
      devices: [{ name: 'eth0', program: 'main' }, { name: 'eth1' }],
      ...scenario,
      programs: { main, ...scenario.programs },
    },
    { mode },
  );
}

for (const compiler of COMPILERS) {
  for (const mode of ['in-process', 'threads'] as const) {
    test(`a program steers to a CPU, whose entry has a program of the same object (${compiler}, ${mode})`, async () => {
      const machine = await steer(
        compiler,
        {
          maps: { cpus: { entries: [{ key: 2, qsize: 64, program: 'on_cpu' }] } },
          program: { globals: { target: 2 } },
        },
        mode,
      );
      const fates = await machine.inject('eth0', [frame, frame, frame]);
      assert.equal(
        fates.map(({ fate, cpu }) => [fate, cpu]),
        Array(3).fill(['pass', 2]),
      );
      assert.is(machine.map('counts').lookupNumber(0), 3);
      assert.is(machine.map('counts').lookupNumber(2), 3);
      assert.is(machine.map('.bss').lookupNumber(0), 3);
      machine.verify();
      await machine.close();
    });
  }
}

test('a max_entries of 0 is the number of CPUs, unless the scenario says another', async () => {
  const byCpus = await steer('clang14');
  assert.is(byCpus.map('cpus').maxEntries, 4);
  const set = await steer('clang14', { maps: { cpus: { maxEntries: 7 } } });
  assert.is(set.map('cpus').maxEntries, 7);
  await Promise.all([byCpus.close(), set.close()]);
});

for (const compiler of COMPILERS) {
  test(`a PERF_EVENT_ARRAY without max_entries has the number of CPUs, as libbpf makes it (${compiler})`, async () => {
    const machine = await Machine.create({
      cpus: 3,
      devices: [{ name: 'eth0', program: 'main' }],
      programs: { main: { module: fixturePath('open_sizes', compiler), export: 'output' } },
    });
    assert.is(machine.map('events').maxEntries, 3);
    await machine.close();
  });

  test(`the address of a weak kfunc says whether it is there (${compiler})`, async () => {
    for (const program of ['present', 'absent']) {
      const machine = await machineOf('weak_kfunc', program, compiler);
      const [injected] = await machine.inject('eth0', [frame]);
      assert.is(injected!.fate, 'pass', program);
      await machine.close();
    }
  });
}

for (const compiler of COMPILERS) {
  test(`a scenario gives an object's maps of every type sizes, and entries where they have any (${compiler})`, async () => {
    const machine = await Machine.create({
      devices: [{ name: 'eth0', program: 'main' }],
      programs: {
        main: { module: fixturePath('open_sizes', compiler), export: 'use_all' },
        output: { module: fixturePath('open_sizes', compiler), export: 'output' },
      },
      maps: {
        per_cpu: { maxEntries: 2 },
        recent: { maxEntries: 8, entries: [{ key: 1, value: 11 }] },
        recent_per_cpu: { maxEntries: 8, entries: [{ key: 1, value: 12 }] },
        routes: {
          maxEntries: 8,
          entries: [
            { key: '10000000 0a010000', value: 1 },
            { key: '18000000 0a010200', value: 13 },
          ],
        },
        queue: { maxEntries: 2, entries: [{ value: 21 }, { value: 99 }] },
        stack: { maxEntries: 2, entries: [{ value: 99 }, { value: 22 }] },
        bloom: { maxEntries: 8, entries: [{ value: 21 }] },
        records: { maxEntries: 4096 },
        events: { maxEntries: 5 },
        programs: { entries: [{ key: 1, program: 'output' }] },
        inner_maps: { maxEntries: 3 },
      },
    });
    const [injected] = await machine.inject('eth0', [frame]);
    assert.is(injected!.fate, 'pass');
    assert.equal([...machine.map('records').consume()], [Uint8Array.of(21, 0, 0, 0)]);
    const sizes = ['events', 'programs', 'inner_maps', 'routes'].map(
      (name) => machine.map(name).maxEntries,
    );
    assert.equal(sizes, [5, 2, 3, 8]);
    await machine.close();
  });
}

test('maps of types without an object hold what the scenario says; maps of maps are for objects', async () => {
  const machine = await Machine.create({
    maps: {
      routes: {
        type: 'lpm_trie',
        keySize: 8,
        valueSize: 4,
        maxEntries: 2,
        entries: [{ key: '08000000 0a000000', value: 7 }],
      },
      queue: { type: 'queue', valueSize: 4, maxEntries: 1, entries: [{ value: 1 }] },
      records: { type: 'ringbuf', maxEntries: 4096 },
      recent: {
        type: 'lru_percpu_hash',
        valueSize: 4,
        maxEntries: 2,
        entries: [{ key: 1, value: 7 }],
      },
    },
  });
  assert.is(machine.map('routes').lookupNumber(Uint8Array.of(32, 0, 0, 0, 10, 9, 9, 9)), 7);
  assert.is(machine.map('queue').lookupNumber(new Uint8Array(0)), 1);
  assert.is(machine.map('recent').lookupNumber(1), 7);
  await machine.close();
  await rejects(
    Machine.create({ maps: { outer: { type: 'array_of_maps', maxEntries: 2 } } }),
    /map outer \(array_of_maps\): expected an eBPF object with a map of that name/,
  );
});

test('the size of a PERCPU_ARRAY without max_entries is for the scenario to set, as libbpf sees it', async () => {
  await rejects(
    machineOf('open_sizes', 'use_all'),
    /map per_cpu: its max_entries is 0: the scenario has to set maxEntries/,
  );
});

test('entries may name programs for their own place only, and programs that there are', async () => {
  const attach = { maps: { cpus: { entries: [{ key: 0, program: 'to_port' }] } } };
  await rejects(steer('clang14', attach), /expected a program whose attach is "xdp\/cpumap"/);
  const none = { maps: { cpus: { entries: [{ key: 0, program: 'on_cpus' }] } } };
  await rejects(steer('clang14', none), /did you mean "on_cpu"\?/);
});

test('a map of the scenario must be of the type and sizes that the object says', async () => {
  const type = { maps: { counts: { type: 'array', entries: [] } } };
  await rejects(
    steer('clang14', type as ModuleScenario),
    /maps.counts.type: expected "percpu_array", as .*steer.o has it, found "array"/,
  );
  const size = { maps: { counts: { valueSize: 4 } } } as unknown as ModuleScenario;
  await rejects(
    steer('clang14', size),
    /maps.counts.valueSize: expected 8, as .*steer.o has it, found 4/,
  );
});

test('global variables take values of their type', async () => {
  const option = { option: { on: true, port: 443 } };
  const machine = await steer('clang14', { program: { globals: option } });
  await machine.inject('eth0', [frame]);
  assert.equal([...machine.map('.rodata').lookupBytes(0)!.subarray(4)], [0xbb, 1, 1, 0]);
  assert.is(machine.map('counts').lookupNumber(1), 1);
  await machine.close();
  const wrong = (globals: object) => steer('clang14', { program: { globals } });
  await rejects(wrong({ target: -1 }), /steer.o: target: /);
  await rejects(wrong({ target: 'one' }), /steer.o: target: /);
  await rejects(wrong({ targets: 1 }), /no global variable 'targets'/);
  await rejects(wrong({ option: { of: 1 } }), /option/);
});

test('constants are frozen, as libbpf freezes them', async () => {
  const machine = await steer('clang14');
  assert.throws(() => machine.map('.rodata').update(0, new Uint8Array(8)), /EPERM/);
  machine.map('.bss').update(0, 7);
  assert.is(machine.map('.bss').lookupNumber(0), 7);
  await machine.close();
});

test('maps that are pinned by name are one for all objects, others are each for their own', async () => {
  const programs = { other: { module: fixturePath('steer', 'clang19'), export: 'to_port' } };
  const devices = [
    { name: 'eth0', program: 'main' },
    { name: 'eth1', program: 'other' },
  ];
  const maps = { ports: { entries: [{ key: 0, device: 'eth0', program: 'on_port' }] } };
  const machine = await steer('clang14', { devices, programs, maps });
  await machine.inject('eth0', [frame]);
  await machine.inject('eth1', [frame, frame]);
  assert.is(machine.map('shared').lookupNumber(0), 3);
  assert.is(machine.map('.bss').lookupNumber(0), 1);
  assert.is(machine.map(`${programs.other.module}:.bss`).lookupNumber(0), 0);
  await machine.close();
});

/** A machine whose only device runs a program of a fixture. */
function machineOf(name: string, program: string, compiler: Compiler = 'clang14', rxQueues = 1) {
  return Machine.create({
    devices: [{ name: 'eth0', program: 'main', rxQueues }],
    programs: { main: { module: fixturePath(name, compiler), export: program } },
  });
}

for (const compiler of COMPILERS) {
  test(`tail calls go where the object's own slots lead, and on where there is none (${compiler})`, async () => {
    const machine = await machineOf('tail_calls', 'dispatch', compiler, 4);
    const fates: string[] = [];
    for (const queue of [0, 1, 2, 3]) {
      const [injected] = await machine.inject('eth0', [frame], { queue });
      fates.push(injected!.fate);
    }
    assert.equal(fates, ['pass', 'aborted', 'drop', 'aborted']);
    await machine.close();
  });

  test(`callbacks run for each round and each element (${compiler})`, async () => {
    const machine = await machineOf('callbacks', 'loops', compiler);
    const [injected] = await machine.inject('eth0', [frame]);
    assert.is(injected!.fate, 'pass');
    await machine.close();
  });

  test(`maps of maps hold the maps that the object put there (${compiler})`, async () => {
    const machine = await machineOf('map_in_map', 'lookup', compiler);
    const [before] = await machine.inject('eth0', [frame]);
    machine.map('left').update(0, 1);
    const [after] = await machine.inject('eth0', [frame]);
    assert.equal([before!.fate, after!.fate], ['pass', 'drop']);
    await machine.close();
  });

  test(`a map that was made after the program is in its reach (${compiler})`, async () => {
    const machine = await machineOf('map_in_map', 'lookup', compiler);
    await machine.inject('eth0', [frame]);
    const { bpf } = machine.system;
    const array = { type: MapType.ARRAY, keySize: 4, maxEntries: 2, mapFlags: 0 };
    bpf.mapCreate({ ...array, valueSize: 1 << 24 });
    const late = bpf.mapCreate({ ...array, valueSize: 8 });
    bpf.mapUpdateElem(late, new Uint8Array(4), Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), 0n);
    const fd = new Uint8Array(Uint32Array.of(late).buffer);
    assert.is(bpf.mapUpdateElem(machine.map('filled').fd, new Uint8Array(4), fd, 0n), 0);
    const [after] = await machine.inject('eth0', [frame]);
    assert.is(after!.fate, 'drop');
    await machine.close();
  });
}

test("every fixture's XDP programs load and run, but for those that say what they lack", async () => {
  const lacking: string[] = [];
  for (const path of allFixtures().filter((fixture) => !fixture.endsWith('faults.o'))) {
    for (const program of xdpPrograms(new ObjectFiles('.').read(path))) {
      const main = { module: path, export: program.name, attach: 'xdp' as const };
      const scenario = { devices: [{ name: 'eth0', program: 'main' }], programs: { main } };
      try {
        const machine = await Machine.create(scenario, { onFault: () => {} });
        await machine.inject('eth0', [frame]);
        machine.verify();
        await machine.close();
      } catch (error) {
        assert.is((error as Error).name, 'ProgramLoadError', `${path} ${program.name}: ${error}`);
        lacking.push(`${shortName(path)} ${program.name}`);
      }
    }
  }
  const expected = [
    'iproute2_maps.o uses_it',
    'kernel_symbols.o weak',
    'stack_depth.o too_much',
    'stack_depth.o tail_call_too_deep',
    'stack_depth.o callback_too_deep',
    'stack_depth.o nine_frames',
    'unsupported.o calls_a_program',
    'unsupported.o uses_strange_map',
    'unsupported.o uses_strange_data',
  ];
  assert.equal(
    lacking,
    COMPILERS.flatMap((compiler) => expected.map((program) => `${compiler}/${program}`)),
  );
});

test("what cannot be loaded is refused in one line, with the object's name", async () => {
  const load =
    (module: string, program: object = {}) =>
    () =>
      Machine.create({
        devices: [{ name: 'eth0', program: 'main' }],
        programs: { main: { module, ...program } },
      });
  const fixture = (name: string) => fixturePath(name, 'clang14');
  await rejects(load('not/there.o')(), /not\/there.o: cannot be read: ENOENT/);
  await rejects(load(fixture('sections'))(), /expected one program for xdp, found 3 of them/);
  await rejects(
    load(fixture('steer'), { export: 'main' })(),
    /no program main; its programs are to_cpu/,
  );
  await rejects(
    load(fixture('mixed_types'), { export: 'at_tc' })(),
    /program at_tc: expected an XDP program, found type sched_cls/,
  );
  await rejects(
    load(fixture('kernel_symbols'), { export: 'weak' })(),
    /section xdp, insn \d+, .*kernel_symbols.bpf.c:\d+: ksym 'bpf_prog_active' is not available/,
  );
});

async function rejects(promise: Promise<unknown>, message: RegExp): Promise<void> {
  let error: unknown;
  await promise.catch((reason) => {
    error = reason;
  });
  assert.instance(error, Error);
  assert.match((error as Error).message, message);
}

test.run();
