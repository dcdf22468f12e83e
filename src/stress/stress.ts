import { setTimeout as sleep } from 'node:timers/promises';
import { FrameQueue } from '../arena/layout.generated.js';
import { Machine } from '../machine/machine.js';
import { findImbalance, findLeaks } from './check.js';
import { DisturbanceLog } from './disturbanceLog.js';
import {
  clear,
  type Disturbed,
  disturb as disturbAnything,
  type Field,
  restore,
} from './disturbances.js';
import { Random } from './random.js';
import type { StressReport } from './report.js';
import { INGRESS, stressScenario } from './scenario.js';

export interface StressOptions {
  /** How long frames flow; either this or `frames`. */
  readonly durationMs?: number;
  /** How many frames come in. */
  readonly frames?: number;
  readonly seed: number;
  /** Receive workers. */
  readonly rx: number;
  /** CPUs that the cpumap has entries for. */
  readonly cpus: number;
  /** Ends the run early. */
  readonly signal?: AbortSignal;
  /** How often disturbances come, on average. */
  readonly disturbanceMs?: number;
  /** Does one disturbance; any of them by default. */
  readonly disturb?: (field: Field) => Disturbed;
  readonly onProgress?: (state: { readonly received: number; readonly elapsedNs: number }) => void;
}

const DISTURBANCE_MS = 2;
/** How long a machine may take to come to rest once no more frames come in. */
const REST_MS = 20_000;

/** Real threads under load while everything around them changes; says what broke, if anything did. */
export async function runStress(options: StressOptions): Promise<StressReport> {
  const { seed } = options;
  const machine = await Machine.create(stressScenario(options), {
    mode: 'threads',
    observe: false,
  });
  const field: Field = { machine, shape: options, random: new Random(seed) };
  const log = new DisturbanceLog();
  const failures: string[] = [];
  const startNs = process.hrtime.bigint();
  let elapsedNs = 1;
  try {
    const usedBytes = await restingBytes(field);
    restore(field);
    failures.push(...(await letFlow(field, options, log)));
    elapsedNs = Number(process.hrtime.bigint() - startNs);
    clear(field);
    await withinRest(machine.idle());
    // A devmap program that dropped the end of a poll has left what went before it without notice, as in the kernel.
    machine.system.notifyQueues();
    await withinRest(machine.idle());
    await settleMemory(machine);
    machine.verify();
    failures.push(...findLeaks(machine, usedBytes));
  } catch (error) {
    failures.push(describe(error));
  }
  const { frames, events } = await machine.close();
  failures.push(...machine.deaths.map(({ message }) => message), ...findImbalance(frames));
  return {
    failures: [...new Set(failures)],
    seed,
    command: commandOf(options),
    elapsedNs,
    framesPerSecond: (frames.received * 1e9) / elapsedNs,
    frames,
    events,
    disturbances: log.counts,
    log: log.lines,
  };
}

/** Lets the traffic in, and disturbs until it is over; returns what could not be done. */
async function letFlow(
  field: Field,
  options: StressOptions,
  log: DisturbanceLog,
): Promise<string[]> {
  const { durationMs, frames, signal, onProgress, disturbanceMs = DISTURBANCE_MS } = options;
  const { disturb = disturbAnything } = options;
  const stop = new AbortController();
  const endMs = performance.now() + (durationMs ?? Number.POSITIVE_INFINITY);
  let isOver = false;
  const running = field.machine
    .run({
      ...(frames !== undefined && { frames }),
      signal: stop.signal,
      ...(onProgress && { onProgress }),
    })
    .finally(() => {
      isOver = true;
    });
  // Awaited below; until then a failure only ends the disturbances.
  running.catch(() => {});
  const isFlowing = () =>
    !isOver &&
    signal?.aborted !== true &&
    performance.now() < endMs &&
    received(field.machine) < (frames ?? Number.POSITIVE_INFINITY);
  const failures: string[] = [];
  try {
    while (isFlowing()) {
      log.add(disturb(field));
      // Now and then several at once.
      if (!field.random.chance(25)) await sleep(field.random.below(2 * disturbanceMs + 1));
    }
  } catch (error) {
    // What holds at rest must hold all the same.
    failures.push(describe(error));
  }
  try {
    // Also where the traffic was over before: what stalls would keep its frames.
    restore(field);
  } finally {
    stop.abort();
  }
  await withinRest(running);
  return failures;
}

/** The command line that makes the same choices. */
function commandOf({ seed, rx, cpus, durationMs, frames }: StressOptions): string {
  const end =
    frames === undefined ? `--duration ${(durationMs ?? 0) / 1000}` : `--frames ${frames}`;
  return `xdpemu stress --seed ${seed} --rx ${rx} --cpus ${cpus} ${end}`;
}

/** Frames that came in from outside. */
function received({ system }: Machine): number {
  const { rxQueues } = system.devices.byName(INGRESS)!;
  return rxQueues.reduce((sum, queue) => sum + system.arena.get(queue, FrameQueue.frames), 0);
}

/** What the machine has of the arena while the maps are empty and each CPU has its worker. */
async function restingBytes(field: Field): Promise<number> {
  restore(field);
  clear(field);
  await withinRest(field.machine.idle());
  await settleMemory(field.machine);
  return field.machine.system.arena.usedBytes;
}

/** Frees what waits for the last grace periods and kthreads. */
async function settleMemory({ system }: Machine): Promise<void> {
  const deadlineMs = performance.now() + REST_MS;
  while (system.housekeep() !== 0 && performance.now() < deadlineMs) await sleep(1);
}

async function withinRest<T>(promise: Promise<T>): Promise<T> {
  const late = new AbortController();
  const timeout = sleep(REST_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`the machine did not come to rest within ${REST_MS / 1000} s`);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    late.abort();
    timeout.catch(() => {});
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
