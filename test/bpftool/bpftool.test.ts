import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shownMaps } from '../../src/bpftool/maps.js';
import { Machine } from '../../src/machine/machine.js';
import { fixturePath } from '../bpf/support/fixtures.js';
import { canAskKernel, kernelOutputs, possibleCpus } from './kernel.js';
import { filledMachine, ourOutput } from './ours.js';
import { asked, forms, holdsIds, normalized, titleOf } from './outputs.js';

/** Of bpftool 7.1 on Linux 6.18 with two CPUs; see record.ts. */
const RECORDED_CPUS = 2;
const recorded = new Map(
  readFileSync(new URL('../../../test/fixtures/bpftool/recorded.txt', import.meta.url), 'utf8')
    .split(/^%% /m)
    .slice(1)
    .map((section): [string, string] => {
      const end = section.indexOf('\n');
      return [section.slice(0, end), section.slice(end + 1)];
    }),
);

async function compare(expected: ReadonlyMap<string, string>, cpus: number): Promise<void> {
  const machine = await filledMachine(cpus);
  try {
    for (const output of asked) {
      for (const form of forms) {
        const title = titleOf(output, form);
        const isReference = holdsIds(output);
        const theirs = normalized(expected.get(title)!, isReference);
        const ours = normalized(ourOutput(machine, output, form), isReference);
        assert.fixture(ours, theirs, title);
      }
    }
  } finally {
    await machine.close();
  }
}

test('every map and program is printed as the recorded bpftool does, byte for byte', async () => {
  assert.is(recorded.size, asked.length * forms.length);
  await compare(recorded, RECORDED_CPUS);
});

const isRoot = canAskKernel();
if (!isRoot) console.log('no root or no bpftool: the comparison with the real one is skipped');
(isRoot ? test : test.skip)('the same by the bpftool and the kernel of this machine', async () => {
  await compare(kernelOutputs(), possibleCpus());
});

test('a lookup that the kernel refuses is refused with its errno', async () => {
  const machine = await filledMachine(RECORDED_CPUS);
  const lookup = { what: 'map', action: 'lookup', name: 'sockets', key: 0 } as const;
  assert.throws(() => ourOutput(machine, lookup, 'json'), /EOPNOTSUPP: BPF_MAP_LOOKUP_ELEM/);
  await machine.close();
});

test('maps of data sections have the names and flags that libbpf gives them', async () => {
  const module = fixturePath('globals', 'clang14');
  const machine = await Machine.create({
    devices: [{ name: 'eth0', program: 'use' }],
    programs: { use: { module } },
  });
  const names = shownMaps(machine).map(({ map }) => {
    return [map.attributes.name, map.infoFlags.toString(16)];
  });
  assert.equal(names.sort(), [
    ['.data.custom', '400'],
    ['.rodata.tuning', '480'],
    ['globals.bss', '400'],
    ['globals.data', '400'],
    ['globals.kconfig', '480'],
    ['globals.rodata', '480'],
  ]);
  await machine.close();
});

test('tags are counted as the kernel does: with SHA-256 since 6.18, with SHA-1 before', async () => {
  const show = { what: 'prog', action: 'show', name: 'jumped' } as const;
  const tags = [];
  for (const kernel of ['6.18', '6.1'] as const) {
    const machine = await filledMachine(RECORDED_CPUS, kernel);
    tags.push(JSON.parse(ourOutput(machine, show, 'json')).tag);
    await machine.close();
  }
  assert.equal(tags, ['b30cf65b7e0fa9c7', '9bf8e2a8bee581f5']);
});

test.run();
