import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../../src/machine/machine.js';
import type { MachineOptions } from '../../../src/machine/machineOptions.js';
import type { ProgramFault } from '../../../src/program/host.js';
import { COMPILERS, type Compiler, fixturePath, sourceLines } from '../../bpf/support/fixtures.js';

const source = sourceLines('helper_faults');
const frame = new Uint8Array(64);

/** Injects frames, on a worker that the watchdog looks after, and says what became of them. */
async function run(
  program: string,
  compiler: Compiler,
  { frames = 2, ...options }: MachineOptions & { readonly frames?: number } = {},
) {
  const faults: ProgramFault[] = [];
  const scenario = {
    devices: [{ name: 'eth0', program: 'main' }],
    programs: { main: { module: fixturePath('helper_faults', compiler), export: program } },
  };
  const machine = await Machine.create(scenario, {
    mode: 'threads',
    onFault: (fault) => faults.push(fault),
    ...options,
  });
  try {
    const fates = await machine.inject('eth0', Array(frames).fill(frame), {
      timeoutMs: 60_000,
    });
    machine.verify();
    return { fates: fates.map(({ fate }) => fate), faults };
  } finally {
    await machine.close();
  }
}

/** Where the source has the comment `// program`. */
function markedLine(program: string): number {
  return source.findIndex((line) => line.endsWith(`// ${program}`)) + 1;
}

const programs = [
  'csum_diff',
  'for_each',
  'printk',
  'snprintf_text',
  'snprintf_width',
  'strncmp_text',
  'bloom_peek',
  'stack_peek',
  'array_update',
  'hash_lookup',
  'trie_lookup',
];

for (const compiler of COMPILERS) {
  for (const program of programs)
    test(`the work of helpers in ${program} is on the program's budget (${compiler})`, async () => {
      const { fates, faults } = await run(program, compiler);
      assert.equal(fates, ['aborted', 'aborted']);
      assert.match(
        faults[0]!.message,
        /^insn \d+: instruction budget exhausted: \(85\) call bpf_\w+#\d+$/,
      );
      assert.match(faults[0]!.at!, `helper_faults.bpf.c:${markedLine(program)}: `);
    });

  test(`each run has a budget of its own (${compiler})`, async () => {
    const { fates, faults } = await run('well_behaved', compiler);
    assert.equal([fates, faults], [['pass', 'pass'], []]);
  });
}

test('runs that use up their budget, one after the other, are not taken for one that does not return', async () => {
  const { fates } = await run('for_each', 'clang14', { frames: 128, programTimeoutMs: 1000 });
  assert.equal(new Set(fates), new Set(['aborted']));
});

test.run();
