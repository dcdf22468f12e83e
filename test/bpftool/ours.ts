import { fileURLToPath } from 'node:url';
import type { OutputForm } from '../../src/bpftool/mapDump.js';
import { MapObserver } from '../../src/cli/bpftool/mapObserver.js';
import { ProgramObserver } from '../../src/cli/bpftool/programObserver.js';
import type { ObservedRun } from '../../src/cli/run/observer.js';
import { udpFrame } from '../../src/index.js';
import { Machine } from '../../src/machine/machine.js';
import { u32ToBytes } from '../../src/maps/kernelMap.js';
import type { Asked } from './outputs.js';

export const OBJECT = fileURLToPath(
  new URL('../../../test/fixtures/bpf/clang14/bpftool.o', import.meta.url),
);
export const FILLING = 'fill_every_map_there_is';

/** A machine after one frame, with the entries that `record.ts` gives the kernel's maps. */
export async function filledMachine(
  cpus: number,
  kernel: '6.18' | '6.1' = '6.18',
): Promise<Machine> {
  const machine = await Machine.create({
    kernel,
    cpus,
    devices: [{ name: 'lo', ifindex: 1, program: FILLING }],
    programs: {
      [FILLING]: { module: OBJECT, export: FILLING },
      jumped: { module: OBJECT, export: 'jumped' },
    },
    maps: {
      ports: { type: 'devmap', maxEntries: 3, entries: [{ key: 0, device: 'lo' }] },
      ports_by_name_that_is_long: {
        type: 'devmap_hash',
        maxEntries: 3,
        entries: [{ key: 5, device: 'lo' }],
      },
      cpus: { type: 'cpumap', maxEntries: 2, entries: [{ key: 1, qsize: 64 }] },
    },
  });
  await machine.inject('lo', [udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', sport: 1, dport: 2 })]);
  return machine;
}

/** What our command prints on standard output. */
export function ourOutput(machine: Machine, output: Asked, form: OutputForm): string {
  let text = '';
  const stdout = { write: (piece: string) => (text += piece) };
  const io = { stdout, stderr: { write: () => true }, env: {} };
  const run = { machine, scenario: machine.scenario, io } as unknown as ObservedRun;
  const selector = { by: 'name', value: output.name } as const;
  const key = 'key' in output ? u32ToBytes(output.key) : undefined;
  const observer =
    output.what === 'map'
      ? new MapObserver({ action: output.action, selector, form, key })
      : new ProgramObserver({ action: output.action, selector, form, detail: output.detail });
  observer.start(run);
  observer.finish(run);
  return text;
}
