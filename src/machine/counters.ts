import { Context, FrameQueue } from '../arena/layout.generated.js';
import { fates } from '../trace/fates.js';
import { tracepointsOf } from '../trace/tracepoints.js';
import type { SocketStats } from './sockets.js';
import type { System } from './system.js';

/** Counters of a machine at one moment; exact once it is idle. */
export interface Counters {
  readonly frames: {
    /** Frames that came in, with the copies that broadcasts made: the sum of `fates` once the machine is idle. */
    readonly received: number;
    /** By fate; those that never happened are left out. */
    readonly fates: Readonly<Record<string, number>>;
  };
  /** How often each tracepoint fired. */
  readonly events: Readonly<Record<string, number>>;
  readonly cpus: readonly CpuCounters[];
  readonly devices: readonly DeviceCounters[];
  readonly sockets: readonly (SocketStats & { readonly name: string })[];
}

export interface CpuCounters {
  readonly cpu: number;
  /** Frames that its receive queues took in. */
  readonly received: number;
  /** Fates that frames met on this CPU. */
  readonly fates: Readonly<Record<string, number>>;
  readonly events: Readonly<Record<string, number>>;
  /** Frames that its cpumap kthreads took. */
  readonly kthreadProcessed: number;
}

export interface DeviceCounters {
  readonly name: string;
  readonly ifindex: number;
  readonly rxFrames: number;
  readonly rxBytes: number;
  /** What left the machine at its far end. */
  readonly txFrames: number;
  readonly txBytes: number;
  readonly rxQueues: readonly number[];
}

/** Frames taken in and frames ended, over all contexts: equal when every frame has met its fate. */
export function balance({ arena, kernel }: System): {
  readonly received: number;
  readonly ended: number;
} {
  let received = 0;
  let ended = 0;
  // Ended first: a frame that ends in between was received before.
  for (const { address } of kernel.contexts) {
    const counts = arena.get(address, Context.fates);
    for (const { id } of fates) ended += arena.u64(counts + 8 * id);
  }
  for (const { address } of kernel.contexts) {
    received += arena.get(address, Context.received) + arena.get(address, Context.clones);
  }
  return { received, ended };
}

/** Reads all counters. */
export function readCounters(system: System): Counters {
  const { arena, kernel } = system;
  const sum = { fates: new Map<string, number>(), events: new Map<string, number>() };
  const perCpu = new Map<number, CpuSums>();
  // Fates first, as in `balance`: while frames move, no more may seem to have ended than were received.
  for (const { address, cpu } of kernel.contexts) {
    const own =
      cpu < 0
        ? undefined
        : (perCpu.get(cpu) ?? { fates: new Map(), events: new Map(), received: 0 });
    if (own !== undefined) perCpu.set(cpu, own);
    const fateCounts = arena.get(address, Context.fates);
    for (const { id, name } of fates)
      count(arena.u64(fateCounts + 8 * id), name, sum.fates, own?.fates);
    const eventCounts = arena.get(address, Context.events);
    for (const { id, name } of tracepointsOf(kernel.version)) {
      count(arena.u64(eventCounts + 8 * id), name, sum.events, own?.events);
    }
  }
  let received = 0;
  for (const { address, cpu } of kernel.contexts) {
    const taken = arena.get(address, Context.received);
    received += taken + arena.get(address, Context.clones);
    const own = perCpu.get(cpu);
    if (own !== undefined) own.received += taken;
  }
  const events = Object.fromEntries(
    tracepointsOf(kernel.version).map(({ name }) => [name, sum.events.get(name) ?? 0]),
  );
  return {
    frames: { received, fates: Object.fromEntries(sum.fates) },
    events,
    cpus: cpuCounters(system, perCpu),
    devices: [...system.devices].map((device) => deviceCounters(system, device)),
    sockets: [...system.sockets].map(({ name, stats }) => ({ name, ...stats })),
  };
}

interface CpuSums {
  readonly fates: Map<string, number>;
  readonly events: Map<string, number>;
  received: number;
}

function count(value: number, name: string, ...into: (Map<string, number> | undefined)[]): void {
  if (value === 0) return;
  for (const counts of into) counts?.set(name, (counts.get(name) ?? 0) + value);
}

function cpuCounters(system: System, perCpu: ReadonlyMap<number, CpuSums>): CpuCounters[] {
  const processed = new Map<number, number>();
  for (const total of system.kthreads.totals()) {
    processed.set(total.cpu, (processed.get(total.cpu) ?? 0) + total.processed);
  }
  return [...perCpu]
    .sort(([a], [b]) => a - b)
    .map(([cpu, { fates: ends, events, received }]) => ({
      cpu,
      received,
      fates: Object.fromEntries(ends),
      events: Object.fromEntries(events),
      kthreadProcessed: processed.get(cpu) ?? 0,
    }));
}

function deviceCounters(
  { arena }: System,
  device: { name: string; ifindex: number; rxQueues: readonly number[]; wires: readonly number[] },
): DeviceCounters {
  const total = (queues: readonly number[], what: typeof FrameQueue.frames) =>
    queues.reduce((sum, queue) => sum + arena.get(queue, what), 0);
  return {
    name: device.name,
    ifindex: device.ifindex,
    rxFrames: total(device.rxQueues, FrameQueue.frames),
    rxBytes: total(device.rxQueues, FrameQueue.bytes),
    txFrames: total(device.wires, FrameQueue.frames),
    txBytes: total(device.wires, FrameQueue.bytes),
    rxQueues: device.rxQueues.map((queue) => arena.get(queue, FrameQueue.frames)),
  };
}
