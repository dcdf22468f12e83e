import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../../src/machine/machine.js';
import type { ProgramFault } from '../../../src/program/host.js';
import { COMPILERS, type Compiler, fixturePath } from '../../bpf/support/fixtures.js';

async function run(program: string, compiler: Compiler, count: number, frames = 1) {
  const faults: ProgramFault[] = [];
  const globals = { count };
  const machine = await Machine.create(
    {
      devices: [{ name: 'eth0', program: 'main' }],
      programs: { main: { module: fixturePath('long_chain', compiler), export: program, globals } },
    },
    { onFault: (fault) => faults.push(fault) },
  );
  const injected = Array.from({ length: frames }, () => new Uint8Array(64));
  const fates = await machine.inject('eth0', injected);
  await machine.close();
  return { fates: fates.map(({ fate }) => fate), faults };
}

for (const compiler of COMPILERS)
  for (const program of ['rounds', 'rounds_in_callee']) {
    test(`the budget is one for a whole chain of tail calls: ${program} (${compiler})`, async () => {
      const { fates, faults } = await run(program, compiler, 1_000_000);
      assert.equal(fates, ['aborted']);
      assert.match(faults[0]!.message, /instruction budget exhausted/);
    });

    test(`a chain within the budget runs to its end: ${program} (${compiler})`, async () => {
      const { fates } = await run(program, compiler, 10_000, 4);
      assert.equal(fates, ['pass', 'pass', 'pass', 'pass']);
    });
  }

test('a run does not pay for the one before, whether its tail call went anywhere or not', async () => {
  const { fates } = await run('once', 'clang19', 1_000_000, 32);
  assert.equal(new Set(fates), new Set(['pass']));
});

test.run();
