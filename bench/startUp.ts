/**
 * What a machine costs before and beside its frames: from the call to the first frame's fate, memory of a worker and of a
 * frame, CPU time while idle.
 *
 *     node dist/bench/startUp.js [--smoke] [--json]
 */
import { fileURLToPath } from 'node:url';
import { Machine } from '../src/machine/machine.js';
import type { MachineMode } from '../src/machine/machineOptions.js';
import { udpFrame } from '../src/packet/build.js';
import { benchOptions, quartiles } from './support/rounds.js';

const { smoke, json } = benchOptions();
const ROUNDS = smoke ? 2 : 15;
const IDLE_MS = smoke ? 200 : 2000;
const program = fileURLToPath(new URL('programs/passAll.js', import.meta.url));
const frame = udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', sport: 1, dport: 2 });

function create(mode: MachineMode, cpus: number): Promise<Machine> {
  const entries = Array.from({ length: cpus }, (_, key) => ({ key, qsize: 2048 }));
  return Machine.create(
    {
      cpus,
      devices: [{ name: 'eth0', program: 'main' }],
      programs: { main: { module: program } },
      maps: { cpu_map: { type: 'cpumap', entries } },
    },
    { mode },
  );
}

/** Milliseconds from the call to the fate of the first frame. */
async function firstFateMs(mode: MachineMode): Promise<number> {
  const startMs = performance.now();
  const machine = await create(mode, 2);
  const [first] = await machine.inject('eth0', [frame]);
  const elapsedMs = performance.now() - startMs;
  if (first?.fate !== 'pass') throw new Error(`expected the fate pass, got ${first?.fate}`);
  await machine.close();
  return elapsedMs;
}

async function firstFates(mode: MachineMode): Promise<{ firstMs: number; laterMs: number }> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await firstFateMs(mode));
  return { firstMs: times[0]!, laterMs: quartiles(times.slice(1))[1] };
}

/** Resident bytes that each further worker takes. */
async function workerBytes(): Promise<number> {
  const few = await create('threads', 1);
  const before = process.memoryUsage().rss;
  const many = await create('threads', 9);
  const bytes = (process.memoryUsage().rss - before) / 10;
  await Promise.all([few.close(), many.close()]);
  return bytes;
}

/** Share of one CPU that an idle machine with four workers uses. */
async function idleShare(): Promise<number> {
  const machine = await create('threads', 2);
  await machine.inject('eth0', [frame]);
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const { user, system } = process.cpuUsage(before);
  await machine.close();
  return (user + system) / 1000 / IDLE_MS;
}

/** Bytes of the arena behind each frame of a receive queue. */
async function frameBytes(): Promise<number> {
  const one = await create('in-process', 1);
  const { arena, kernel } = one.system;
  const before = arena.usedBytes;
  const frames = 2048;
  kernel.createContext(1, 0, frames);
  const bytes = (arena.usedBytes - before) / frames;
  await one.close();
  return bytes;
}

const inProcess = await firstFates('in-process');
const threads = await firstFates('threads');
const result = {
  inProcessFirstMs: inProcess.firstMs,
  inProcessLaterMs: inProcess.laterMs,
  threadsFirstMs: threads.firstMs,
  threadsLaterMs: threads.laterMs,
  workerMiB: (await workerBytes()) / 2 ** 20,
  frameBytes: await frameBytes(),
  idlePercent: 100 * (await idleShare()),
};
if (json) console.log(JSON.stringify(result, null, 2));
else
  for (const [name, value] of Object.entries(result))
    console.log(name.padEnd(20), value.toFixed(2));
