import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../../src/machine/machine.js';
import type { ProgramFault } from '../../../src/program/host.js';
import { COMPILERS, type Compiler, fixturePath, sourceLines } from '../../bpf/support/fixtures.js';

const source = sourceLines('exact_bounds');

async function run(program: string, compiler: Compiler, checked: boolean) {
  const faults: ProgramFault[] = [];
  const machine = await Machine.create(
    {
      devices: [
        { name: 'eth0', ifindex: 1, program: 'main' },
        { name: 'eth1', ifindex: 2 },
      ],
      programs: { main: { module: fixturePath('exact_bounds', compiler), export: program } },
      maps: {
        ports: { type: 'devmap', entries: [{ key: 1, device: 'eth0' }] },
        hashed: { type: 'devmap_hash', entries: [{ key: 1, device: 'eth1' }] },
      },
    },
    { checked, onFault: (fault) => faults.push(fault) },
  );
  try {
    const fates = await machine.inject('eth0', [new Uint8Array(64), new Uint8Array(64)]);
    machine.verify();
    return { fates: fates.map(({ fate }) => fate), faults };
  } finally {
    await machine.close();
  }
}

const wrong = [
  'below_frame',
  'straddle_frames',
  'past_record',
  'after_submit',
  'open_text',
  'past_packet_by_helper',
  'read_only_by_helper',
];

for (const compiler of COMPILERS) {
  for (const program of wrong) {
    test(`${program} is a fault where bounds are exact, and harmless where not (${compiler})`, async () => {
      const coarse = await run(program, compiler, false);
      assert.equal(coarse.faults, []);
      const exact = await run(program, compiler, true);
      assert.equal(exact.fates, ['aborted', 'aborted']);
      assert.match(exact.faults[0]!.message, /bad memory access|is not memory that/);
      const line = source.findIndex((text) => text.endsWith(`// ${program}`)) + 1;
      assert.match(exact.faults[0]!.at!, `exact_bounds.bpf.c:${line}: `);
    });
  }

  for (const program of ['redirect_values', 'within'])
    for (const checked of [false, true])
      test(`${program} is right, with ${checked ? 'exact' : 'coarse'} bounds (${compiler})`, async () => {
        const { fates, faults } = await run(program, compiler, checked);
        assert.equal(faults, []);
        assert.equal(fates, ['pass', 'pass']);
      });
}

test.run();
