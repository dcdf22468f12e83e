/**
 * What it costs to watch: frames a second through a cpumap entry where nothing is recorded, where a machine could be
 * watched and is not, and where more and more is. Tracepoints and fates are counted in all of them. Ratios are against
 * the first in the same round.
 *
 *     node dist/bench/tracing.js [--smoke] [--json]
 */
import { fileURLToPath } from 'node:url';
import { LedgerKeeper } from '../src/ledger/keeper.js';
import { Machine } from '../src/machine/machine.js';
import type { MachineOptions } from '../src/machine/machineOptions.js';
import type { RecordListener } from '../src/machine/recorder.js';
import type { ModuleScenario } from '../src/scenario/module.js';
import { benchOptions, pairedRounds, printRows, type Subject } from './support/rounds.js';

const { smoke, json } = benchOptions();
const ROUNDS = smoke ? 1 : 7;
const object = fileURLToPath(new URL('../../bench/programs/machine/redirect.o', import.meta.url));

const scenario: ModuleScenario = {
  cpus: 2,
  devices: [{ name: 'eth0', program: 'main' }],
  programs: {
    main: { module: object, export: 'to_cpu', globals: { nr_cpus: 1, first_cpu: 1, nr_ports: 1 } },
    kthread: { module: object, export: 'cpu_drop', attach: 'xdp/cpumap' },
  },
  maps: {
    cpus: { type: 'cpumap', entries: [{ key: 1, qsize: 16384, program: 'kthread' }] },
    devs: { type: 'devmap', maxEntries: 1, entries: [] },
  },
  traffic: [{ device: 'eth0', flows: 64, length: 64 }],
};

interface Watched {
  readonly name: string;
  readonly observe: NonNullable<MachineOptions['observe']>;
  /** A round's: the slower the fewer. */
  readonly frames: number;
  readonly listen?: (machine: Machine, count: () => void) => RecordListener;
}

const subjects: readonly Watched[] = [
  { name: 'nothing', observe: false, frames: 4_000_000 },
  { name: 'could be watched', observe: true, frames: 4_000_000 },
  {
    name: 'xdp_cpumap_enqueue',
    observe: true,
    frames: 400_000,
    listen: (_, count) => ({ onTracepoint: count, tracepoints: ['xdp_cpumap_enqueue'] }),
  },
  {
    name: 'xdp_redirect',
    observe: true,
    frames: 200_000,
    listen: (_, count) => ({ onTracepoint: count, tracepoints: ['xdp_redirect'] }),
  },
  {
    name: 'all tracepoints',
    observe: true,
    frames: 200_000,
    listen: (_, count) => ({ onTracepoint: count }),
  },
  {
    name: 'the ledger',
    observe: true,
    frames: 50_000,
    listen: ({ names }, count) => new LedgerKeeper(names, count).listener,
  },
  {
    name: 'and the stages',
    observe: 'stages',
    frames: 50_000,
    listen: ({ names }, count) => ({
      ...new LedgerKeeper(names, count).listener,
      stages: true,
    }),
  },
];

/** A machine that is made once; its result is 1 where every frame of the round was received and something was told of. */
async function subjectOf(watched: Watched, machines: Machine[]): Promise<Subject> {
  const { name, observe, listen } = watched;
  const frames = smoke ? watched.frames / 200 : watched.frames;
  const machine = await Machine.create(scenario, { mode: 'threads', observe });
  machines.push(machine);
  let told = 0;
  if (listen !== undefined) machine.record(listen(machine, () => told++));
  return {
    name,
    run: async () => {
      const before = machine.counters().frames.received;
      told = 0;
      const result = await machine.run({ frames });
      machine.verify();
      const isRight = result.frames.received - before === frames;
      return {
        ns: result.elapsedNs / frames,
        result: isRight && told > 0 === (listen !== undefined) ? 1 : 0,
      };
    },
  };
}

const machines: Machine[] = [];
try {
  const made: Subject[] = [];
  for (const watched of subjects) made.push(await subjectOf(watched, machines));
  const rows = await pairedRounds(made, ROUNDS, 1);
  const counting = 'tracepoints and fates are counted in every row: counters are always on';
  if (json) console.log(JSON.stringify({ rounds: ROUNDS, counting, rows }, null, 2));
  else printRows(`recorded (${counting})`, rows);
} finally {
  await Promise.all(machines.map((machine) => machine.close()));
}
