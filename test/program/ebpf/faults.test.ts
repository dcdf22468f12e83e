import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../../src/machine/machine.js';
import type { MachineMode } from '../../../src/machine/machineOptions.js';
import type { ProgramFault } from '../../../src/program/host.js';
import { COMPILERS, type Compiler, fixturePath, sourceLines } from '../../bpf/support/fixtures.js';

const source = sourceLines('faults');
const frame = new Uint8Array(64);

/** Injects two frames and says what became of them, and which faults were told. */
async function run(program: string, settings: Partial<RunSettings> = {}) {
  const {
    fixture = 'faults',
    compiler = 'clang14',
    checked = false,
    mode = 'in-process',
  } = settings;
  const faults: ProgramFault[] = [];
  const scenario = {
    devices: [{ name: 'eth0', program: 'main' }],
    programs: { main: { module: fixturePath(fixture, compiler), export: program } },
  };
  const machine = await Machine.create(scenario, {
    mode,
    checked,
    onFault: (fault) => faults.push(fault),
  });
  const exceptions: string[] = [];
  machine.record({ onTracepoint: ({ name }) => exceptions.push(name) });
  try {
    const fates = await machine.inject('eth0', [frame, frame]);
    machine.verify();
    const { programHigh } = machine.system.arena;
    return { fates: fates.map(({ fate }) => fate), exceptions, faults, programHigh };
  } finally {
    await machine.close();
  }
}

interface RunSettings {
  readonly fixture: string;
  readonly compiler: Compiler;
  readonly checked: boolean;
  readonly mode: MachineMode;
}

/** Where the source has the comment `// program`. */
function markedLine(program: string): number {
  return source.findIndex((line) => line.endsWith(`// ${program}`)) + 1;
}

const expected: readonly (readonly [program: string, message: RegExp])[] = [
  [
    'no_null_check',
    /^insn \d+: bad memory access at 0x8: \(7[ab]\) \*\(u64 \*\)\(r0 \+8\) = (r\d|7)$/,
  ],
  ['wild_load', /^insn \d+: bad memory access at 0x1122334455667788: \(61\) r\d = /],
  ['wild_store', /^insn \d+: bad memory access at 0x1000: /],
  ['context_store', /^insn \d+: bad memory access at 0x[0-9a-f]+: /],
  ['map_store', /^insn \d+: bad memory access at 0x[0-9a-f]+: /],
  ['endless', /^insn \d+: instruction budget exhausted: /],
  ['bad_key', /argument 2 \(0x8\) is not memory .*\(85\) call bpf_map_delete_elem#3$/],
  ['wide_key', /argument 2 \(0x1122334455667788\) is not memory /],
  ['no_map', /argument 1 \(0x[0-9a-f]+\) is not a map: \(85\) call bpf_map_lookup_elem#1$/],
  ['forged_map', /argument 1 \(0x[0-9a-f]+\) is not a map: \(85\) call bpf_map_lookup_elem#1$/],
  ['deep_stack', /^insn \d+: access outside of the stack frame at r10 -520: /],
  ['odd_atomic', /^insn \d+: unaligned atomic access at 0x[0-9a-f]+1: /],
];

for (const compiler of COMPILERS) {
  for (const [program, message] of expected) {
    test(`${program} ends as aborted and names instruction and source line (${compiler})`, async () => {
      const { fates, exceptions, faults } = await run(program, { compiler });
      assert.equal(fates, ['aborted', 'aborted']);
      assert.equal(exceptions, ['xdp_exception', 'xdp_exception']);
      assert.is(faults.length, 2);
      const [fault] = faults;
      assert.match(fault!.message, message);
      assert.match(fault!.at!, `faults.bpf.c:${markedLine(program)}: `);
    });
  }

  for (const program of ['past_packet', 'past_value']) {
    test(`${program} is a fault where bounds are exact, and harmless where not (${compiler})`, async () => {
      const coarse = await run(program, { compiler });
      assert.equal(coarse.fates, ['pass', 'pass']);
      assert.equal(coarse.faults, []);
      const exact = await run(program, { compiler, checked: true });
      assert.equal(exact.fates, ['aborted', 'aborted']);
      assert.match(exact.faults[0]!.message, /bad memory access/);
      assert.match(exact.faults[0]!.at!, `faults.bpf.c:${markedLine(program)}: `);
    });
  }

  test(`a kfunc goes by its name in what is said of a fault (${compiler})`, async () => {
    const { fates, faults } = await run('bad_argument', { fixture: 'weak_kfunc', compiler });
    assert.equal(fates, ['aborted', 'aborted']);
    assert.match(
      faults[0]!.message,
      /argument 2 \(0x8\) is not memory .*\(85\) call bpf_xdp_metadata_rx_timestamp#\d+$/,
    );
    assert.match(faults[0]!.at!, 'weak_kfunc.bpf.c:');
  });

  test(`a program without a fault passes exact bounds (${compiler})`, async () => {
    const { fates, faults } = await run('well_behaved', { compiler, checked: true });
    assert.equal([fates, faults], [['drop', 'drop'], []]);
  });
}

test('wild stores end where no program’s memory has been handed out yet', async () => {
  const { fates, faults, programHigh } = await run('wild_stores', { mode: 'threads' });
  assert.equal(fates, ['aborted', 'aborted']);
  const address = /bad memory access at (0x[0-9a-f]+): /.exec(faults[0]!.message)?.[1];
  assert.ok(Number(address) < programHigh + 2 * 65536, `${address} is above ${programHigh}`);
  assert.match(faults[0]!.at!, `faults.bpf.c:${markedLine('wild_stores')}: `);
});

test('workers tell of faults too, gathered, and go on', async () => {
  const { fates, faults } = await run('no_null_check', { mode: 'threads' });
  assert.equal(fates, ['aborted', 'aborted']);
  assert.is(
    faults.reduce((sum, { count }) => sum + count, 0),
    2,
  );
  assert.match(faults[0]!.at!, `faults.bpf.c:${markedLine('no_null_check')}: `);
});

test.run();
