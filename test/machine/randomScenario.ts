import fc from 'fast-check';
import type { ModuleScenario } from '../../src/scenario/module.js';
import { program } from './threads.js';

/** Random machines around the program `steer` (`programs.ts`). */

const programOf: Readonly<Record<string, string | undefined>> = { out0: 'dropOdd' };
const deviceName = fc.constantFrom('eth0', 'out0', 'out1', 'veth0');

/** Queues and rings that a few hundred frames may overflow, or none. */
export interface Sizes {
  readonly qsize: fc.Arbitrary<number>;
  readonly ring: fc.Arbitrary<number>;
  readonly fill: fc.Arbitrary<number>;
  /** Entries that lead to one device agree on its program: else the first frame of a poll decides for the rest. */
  readonly hasProgramsByDevice: boolean;
}

export const tight: Sizes = {
  qsize: fc.constantFrom(1, 3, 8, 64, 4096),
  ring: fc.constantFrom(1, 16, 64, 4096),
  fill: fc.constantFrom(0, 1, 16, 2048),
  hasProgramsByDevice: false,
};

export const roomy: Sizes = {
  qsize: fc.constant(4096),
  ring: fc.constant(4096),
  fill: fc.constant(2048),
  hasProgramsByDevice: true,
};

function entries<T extends object>(keys: number, value: fc.Arbitrary<T>) {
  return fc
    .uniqueArray(fc.nat(keys - 1), { maxLength: keys })
    .chain((chosen) => fc.tuple(...chosen.map((key) => value.map((rest) => ({ key, ...rest })))));
}

function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined });
}

/** A scenario whose traffic has at most `framesMax` frames. */
export function randomScenario(sizes: Sizes, framesMax: number): fc.Arbitrary<ModuleScenario> {
  const port = fc
    .record({ device: deviceName, program: maybe(fc.constant('dropOdd')) })
    .map(({ device, program: own }) => ({
      device,
      program: sizes.hasProgramsByDevice ? programOf[device] : own,
    }));
  const cpu = fc.record({
    qsize: sizes.qsize,
    program: maybe(fc.constantFrom('cpuDropOdd', 'cpuOnward')),
  });
  return fc
    .record({
      seed: fc.nat(1_000_000),
      rxQueues: fc.integer({ min: 1, max: 2 }),
      ring: sizes.ring,
      mtu: fc.constantFrom(576, 1500),
      isUp: fc.boolean(),
      drain: fc.constantFrom('flush' as const, 'always' as const),
      cpus: entries(4, cpu),
      ports: entries(4, port),
      onward: fc.constantFrom('eth0', 'out0', 'out1'),
      flood: entries(4, port),
      fill: sizes.fill,
      application: fc.constantFrom('drop' as const, 'forward' as const),
      peer: maybe(fc.constantFrom('pass', 'peerOnward')),
      flows: fc.integer({ min: 1, max: 64 }),
      length: fc.uniqueArray(fc.constantFrom(60, 128, 700, 1514), { minLength: 1, maxLength: 3 }),
      frames: fc.integer({ min: 1, max: framesMax }),
    })
    .map(scenarioOf);
}

interface Choices {
  readonly seed: number;
  readonly rxQueues: number;
  readonly ring: number;
  readonly mtu: number;
  readonly isUp: boolean;
  readonly drain: 'flush' | 'always';
  readonly cpus: readonly { key: number; qsize: number; program: string | undefined }[];
  readonly ports: readonly { key: number; device: string; program: string | undefined }[];
  readonly onward: string;
  readonly flood: readonly { key: number; device: string; program: string | undefined }[];
  readonly fill: number;
  readonly application: 'drop' | 'forward';
  readonly peer: string | undefined;
  readonly flows: number;
  readonly length: readonly number[];
  readonly frames: number;
}

/** Entries without a program leave the key out. */
function written<T extends { readonly program: string | undefined }>(list: readonly T[]) {
  return list.map(({ program: name, ...rest }) =>
    name === undefined ? rest : { ...rest, program: name },
  );
}

function scenarioOf(choice: Choices): ModuleScenario {
  const { rxQueues, ring, drain, peer } = choice;
  return {
    seed: choice.seed,
    cpus: 4,
    devices: [
      { name: 'eth0', rxQueues, ring, drain, program: 'main' },
      { name: 'out0', ring, drain, mtu: choice.mtu },
      { name: 'out1', ring, drain, up: choice.isUp, txQueues: 2 },
      { name: 'veth0', kind: 'veth', peer: 'veth1' },
      {
        name: 'veth1',
        kind: 'veth',
        peer: 'veth0',
        cpus: [3],
        gro: true,
        ...(peer !== undefined && { program: peer }),
      },
    ],
    programs: {
      main: program('steer'),
      pass: program('pass'),
      peerOnward: program('onward'),
      dropOdd: program('dropOdd', 'xdp/devmap'),
      cpuDropOdd: program('dropOdd', 'xdp/cpumap'),
      cpuOnward: program('onward', 'xdp/cpumap'),
    },
    maps: {
      cpus: { type: 'cpumap', maxEntries: 4, entries: written(choice.cpus) as never },
      ports: { type: 'devmap', maxEntries: 4, entries: written(choice.ports) as never },
      flood: { type: 'devmap_hash', maxEntries: 4, entries: written(choice.flood) as never },
      onward: { type: 'devmap', entries: [{ key: 0, device: choice.onward }] },
      sockets: { type: 'xskmap', maxEntries: 2, entries: [{ key: 0, socket: 'xsk0' }] },
    },
    sockets: [{ name: 'xsk0', device: 'eth0', fill: choice.fill, application: choice.application }],
    traffic: [
      {
        device: 'eth0',
        flows: choice.flows,
        length: [...choice.length],
        frames: choice.frames,
      },
    ],
  };
}
