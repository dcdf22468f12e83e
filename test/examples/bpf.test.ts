import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCaptureFile } from '../../src/capture/readCapture.js';
import { Machine } from '../../src/machine/machine.js';
import { importProgramModule } from '../../src/program/load.js';
import { scenarioOfModule } from '../../src/scenario/module.js';
import { parseJson } from '../../src/scenario/parse.js';

const folder = fileURLToPath(new URL('../../../examples', import.meta.url));
const frames = readCaptureFile(`${folder}/lan.pcap`).packets.map(({ data }) => data);

/** Devices that frames come in at. */
const examples: Readonly<Record<string, readonly string[]>> = {
  'cpumap-lb': ['eth0'],
  'devmap-bridge': ['access0', 'trunk0'],
  'broadcast-switch': ['port1', 'port2', 'port4'],
  'xskmap-steering': ['eth0'],
  mixed: ['wan0'],
};

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** What became of every frame, and of all copies, with the bytes that arrived. */
async function fatesOf(scenario: unknown, at: string, devices: readonly string[]) {
  const machine = await Machine.create(scenario as object, { folder: at });
  const fates: unknown[] = [];
  for (const device of devices) {
    for (const { fates: copies } of await machine.inject(device, frames))
      fates.push(copies.map(({ data, ...fate }) => ({ ...fate, data: data && hex(data) })));
  }
  machine.verify();
  await machine.close();
  return fates;
}

for (const [name, devices] of Object.entries(examples)) {
  test(`${name}: the C and the TypeScript version give every frame the same fate`, async () => {
    const module = await importProgramModule(pathToFileURL(`${folder}/${name}.ts`).href);
    const fromTypeScript = await fatesOf(
      scenarioOfModule(`${name}.ts`, module['scenario']),
      folder,
      devices,
    );
    const file = `${folder}/bpf/${name}.json`;
    const document = parseJson(readFileSync(file, 'utf8'), file);
    const fromC = await fatesOf(document, `${folder}/bpf`, devices);
    assert.is(fromC.length, frames.length * devices.length);
    for (const [index, fates] of fromC.entries()) {
      assert.equal(fates, fromTypeScript[index], `frame ${index % frames.length}`);
    }
  });
}

test.run();
