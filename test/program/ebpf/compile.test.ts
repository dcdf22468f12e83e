import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readElf } from '../../../src/bpf/elf/readElf.js';
import { loadObjectSpec } from '../../../src/bpf/spec/loadObjectSpec.js';
import { Machine } from '../../../src/machine/machine.js';
import type { MachineOptions } from '../../../src/machine/machineOptions.js';
import { fixturePath, readFixture } from '../../bpf/support/fixtures.js';

const frame = new Uint8Array(64);

/** Runs a program once; the variables of its .bss afterwards. */
async function bssAfter(
  name: string,
  program: string,
  options: MachineOptions = {},
  globals: Record<string, unknown> = {},
) {
  const scenario = {
    devices: [{ name: 'eth0', program: 'main' }],
    programs: { main: { module: fixturePath(name, 'clang14'), export: program, globals } },
  };
  const machine = await Machine.create(scenario, options);
  await machine.inject('eth0', [frame]);
  const bytes = machine.map('.bss').lookupBytes(0)!;
  await machine.close();
  const { maps } = loadObjectSpec(readFixture(name, 'clang14'), name);
  const { variables } = maps.find((map) => map.name === '.bss')!.data!;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const u64 = (variable: string, index = 0) =>
    Number(
      view.getBigUint64(variables.find((one) => one.name === variable)!.offset + 8 * index, true),
    );
  return { u64 };
}

test("CO-RE relocations are the object's own layout, or that of a BTF file", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'xdpemu-btf-'));
  try {
    const btf = join(folder, 'target.btf');
    const elf = readElf(readFixture('core_target', 'clang14'), 'core_target.o');
    writeFileSync(btf, elf.sections.find(({ name }) => name === '.BTF')!.data);
    const own = await bssAfter('core', 'fields');
    const target = await bssAfter('core', 'fields', { btf });
    // bpf_core_field_offset(at->list[3]) and bpf_core_field_size(at->y)
    assert.equal([own.u64('results', 4), own.u64('results', 5)], [24, 8]);
    assert.equal([target.u64('results', 4), target.u64('results', 5)], [42, 4]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the kernel's version is that of the scenario", async () => {
  // The program counts one more where CONFIG_BPF_JIT is set and the kernel newer than 5.0.
  const zeroed = async (globals: Record<string, unknown>) =>
    (await bssAfter('globals', 'use', {}, globals)).u64('zeroed') % 2 ** 32;
  assert.is(await zeroed({}), 1);
  assert.is(await zeroed({ CONFIG_BPF_JIT: true }), 2);
});

test.run();
