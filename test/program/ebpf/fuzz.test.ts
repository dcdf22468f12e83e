import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadObjectSpec } from '../../../src/bpf/spec/loadObjectSpec.js';
import { Machine } from '../../../src/machine/machine.js';
import { udpFrame } from '../../../src/packet/build.js';
import { obstaclesOf, xdpPrograms } from '../../../src/program/ebpf/objectPrograms.js';
import {
  allFixtures,
  exampleObjects,
  packagedObjects,
  shortName,
} from '../../bpf/support/fixtures.js';
import { type Mutation, mutate, mutation, sectionRange } from '../../bpf/support/mutations.js';
import { property } from '../../support/property.js';

const objects = [...allFixtures(), ...exampleObjects(), ...packagedObjects()].flatMap((path) => {
  const bytes = new Uint8Array(readFileSync(path));
  const name = shortName(path);
  const programs = xdpPrograms(loadObjectSpec(bytes, name)).filter(
    (program) => obstaclesOf(program).length === 0,
  );
  return programs.map((program) => ({
    name,
    bytes,
    program: program.name,
    section: program.section,
  }));
});

/** What a user may see of a damaged object. */
const REFUSALS = ['ProgramLoadError', 'ScenarioError', 'BpfError'];
const MAX_MS = 5_000;
const frame = udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', sport: 1, dport: 2, length: 200 });

const folder = mkdtempSync(join(tmpdir(), 'xdpemu-fuzz-'));
test.after(() => rmSync(folder, { recursive: true }));

/** Loads an object and lets two frames in: whatever the program does, the machine is whole afterwards. */
async function loadAndRun(bytes: Uint8Array, program: string): Promise<'ran' | 'refused'> {
  const module = join(folder, 'damaged.o');
  writeFileSync(module, bytes);
  const scenario = {
    cpus: 2,
    devices: [{ name: 'eth0', program: 'main' }, { name: 'eth1' }],
    programs: { main: { module, export: program } },
  };
  let machine: Machine;
  try {
    machine = await Machine.create(scenario, { onFault: () => {} });
  } catch (error) {
    if (error instanceof Error && REFUSALS.includes(error.name)) return 'refused';
    throw error;
  }
  const fates = await machine.inject('eth0', [frame, frame]);
  assert.ok(fates.every(({ fate }) => fate !== 'queued'));
  machine.verify();
  await machine.close();
  return 'ran';
}

async function promptly(bytes: Uint8Array, program: string): Promise<void> {
  const start = performance.now();
  await loadAndRun(bytes, program);
  assert.ok(performance.now() - start < MAX_MS, `took longer than ${MAX_MS} ms`);
}

const mutations = fc.array(mutation, { minLength: 1, maxLength: 6 });
const which = fc.nat(objects.length - 1);

property(
  'a damaged object is refused or runs, and the machine stays whole',
  import.meta.filename,
  fc.asyncProperty(which, mutations, async (index, changes) => {
    const { bytes, program } = objects[index]!;
    await promptly(mutate(bytes, changes), program);
  }),
  { numRuns: 150 },
);

property(
  'damaged instructions are refused or run, and the machine stays whole',
  import.meta.filename,
  fc.asyncProperty(which, mutations, async (index, changes) => {
    const { bytes, program, section } = objects[index]!;
    await promptly(damageSection(bytes, section, changes), program);
  }),
  { numRuns: 250 },
);

function damageSection(bytes: Uint8Array, section: string, changes: readonly Mutation[]) {
  const [start, length] = sectionRange(bytes, section);
  const damaged = bytes.slice();
  const inside = changes.filter(({ kind }) => kind !== 'cut');
  damaged.set(mutate(bytes.slice(start, start + length), inside), start);
  return damaged;
}

test.run();
