/**
 * Frames a second from a receive queue to the target, on workers: cpumap, devmap, AF_XDP socket and all three mixed, for
 * receive workers, CPUs, frame sizes and numbers of flows. Ratios are against XDP_DROP in the same round.
 *
 *     node dist/bench/endToEnd.js [--smoke] [--json]
 */
import { fileURLToPath } from 'node:url';
import { Machine } from '../src/machine/machine.js';
import type { ModuleScenario } from '../src/scenario/module.js';
import { benchOptions, pairedRounds, printRows, type Row, type Subject } from './support/rounds.js';

const { smoke, json } = benchOptions();
const ROUNDS = smoke ? 1 : 9;
const FRAMES = smoke ? 20_000 : 4_000_000;
const object = fileURLToPath(new URL('../../bench/programs/machine/redirect.o', import.meta.url));
const QSIZE = 16384;
const RING = 8192;

type Target = 'drop' | 'cpu' | 'dev' | 'sock' | 'mixed';

interface Setup {
  readonly target: Target;
  readonly rx: number;
  readonly cpus: number;
  readonly length: number;
  readonly flows: number;
}

const usual: Setup = { target: 'cpu', rx: 1, cpus: 1, length: 64, flows: 64 };

function scenarioOf({ target, rx, cpus, length, flows }: Setup): ModuleScenario {
  const usesCpus = target === 'cpu' || target === 'mixed';
  const program = target === 'drop' || target === 'mixed' ? target : `to_${target}`;
  const globals = { nr_cpus: cpus, first_cpu: rx, nr_ports: 1 };
  const entries = Array.from({ length: cpus }, (_, cpu) => ({
    key: rx + cpu,
    qsize: QSIZE,
    program: 'kthread',
  }));
  const queues = Array.from({ length: rx }, (_, queue) => queue);
  return {
    cpus: rx + cpus,
    devices: [
      { name: 'eth0', rxQueues: rx, program: 'main' },
      { name: 'eth1', ring: RING },
    ],
    programs: {
      main: { module: object, export: program, globals },
      ...(usesCpus && { kthread: { module: object, export: 'cpu_drop', attach: 'xdp/cpumap' } }),
    },
    maps: {
      ...(usesCpus ? { cpus: { type: 'cpumap', entries } } : {}),
      devs: { type: 'devmap', entries: [{ key: 0, device: 'eth1' }] },
      ...(target === 'sock' || target === 'mixed'
        ? {
            socks: {
              type: 'xskmap',
              entries: queues.map((key) => ({ key, socket: `xsk${key}` })),
            } as const,
          }
        : {}),
    },
    sockets:
      target === 'sock' || target === 'mixed'
        ? queues.map((queue) => ({
            name: `xsk${queue}`,
            device: 'eth0',
            queue,
            rxRing: RING,
            fillRing: RING,
            chunks: RING,
            chunkSize: 2048 as const,
          }))
        : [],
    traffic: [{ device: 'eth0', flows, length }],
  };
}

function nameOf({ target, rx, cpus, length, flows }: Setup): string {
  return `${target} rx=${rx} cpus=${cpus} ${length}B ${flows} flows`;
}

/** A machine that is made once and runs `FRAMES` frames a round; the result is how many were received. */
async function subjectOf(setup: Setup, machines: Machine[]): Promise<Subject> {
  const machine = await Machine.create(scenarioOf(setup), { mode: 'threads', observe: false });
  machines.push(machine);
  return {
    name: nameOf(setup),
    run: async () => {
      const before = machine.counters().frames.received;
      const { frames, elapsedNs } = await machine.run({ frames: FRAMES });
      machine.verify();
      return { ns: elapsedNs / FRAMES, result: frames.received - before };
    },
  };
}

async function measure(title: string, setups: readonly Setup[]): Promise<Row[]> {
  const machines: Machine[] = [];
  const subjects: Subject[] = [];
  for (const setup of [{ ...usual, target: 'drop' as const }, ...setups]) {
    subjects.push(await subjectOf(setup, machines));
  }
  try {
    const rows = await pairedRounds(subjects, ROUNDS, FRAMES);
    if (!json) printRows(title, rows);
    return rows;
  } finally {
    await Promise.all(machines.map((machine) => machine.close()));
  }
}

const groups: readonly (readonly [title: string, setups: readonly Setup[]])[] = [
  ['targets', (['cpu', 'dev', 'sock', 'mixed'] as const).map((target) => ({ ...usual, target }))],
  [
    'receive workers and CPUs',
    [
      [1, 2],
      [1, 4],
      [1, 8],
      [2, 1],
      [2, 2],
      [4, 2],
      [4, 8],
    ].map(([rx, cpus]) => ({ ...usual, rx: rx!, cpus: cpus! })),
  ],
  [
    'frame sizes',
    [64, 256, 512, 1024, 1518].map((length) => ({ ...usual, length: Math.min(length, 1514) })),
  ],
  ['flows', [1, 1000, 100_000, 1_000_000].map((flows) => ({ ...usual, flows }))],
];

const results: Record<string, Row[]> = {};
for (const [title, setups] of groups) {
  results[title] = await measure(title, smoke ? setups.slice(0, 4) : setups);
}
if (json) console.log(JSON.stringify({ frames: FRAMES, rounds: ROUNDS, results }, null, 2));
