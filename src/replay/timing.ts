import { Fate, RecordKind, Tracepoint } from '../arena/layout.generated.js';
import type { KernelVersion } from '../machine/kernel.js';
import { ERRNO } from '../maps/errno.js';
import { XDP } from '../program/define.js';
import type { RawRecord } from '../trace/records.js';
import type { Action, Experiment, ProgramDeclaration } from './redirectTrace.js';
import type { RedirectWorld } from './redirectWorld.js';
import { replayRedirect } from './replayRedirect.js';
import { type RingLoad, RingLoads } from './ringLoads.js';
import type { TraceCollector } from './traceCollector.js';

/** Whether an experiment gives the same however its contexts run against each other. */
export type Timing =
  /** `holdsConsumers`: it does, provided that nobody empties a ring while the poll that fills it goes on. */
  | { readonly depends: false; readonly holdsConsumers: boolean }
  | { readonly depends: true; readonly reason: string };

/**
 * Judges an experiment by running it in process, where rings are emptied between polls only. What the receiving CPU
 * does depends on others through the room that it finds in rings. Kthreads moreover run against each other and in
 * batches of any size, so where one redirects, nothing that it feeds may ever be full, nor work by the batch.
 */
export function timingOf(experiment: Experiment, kernel: KernelVersion): Timing {
  const rehearsal = rehearse(experiment, kernel);
  const reason =
    overload(rehearsal) ??
    cutShort(rehearsal) ??
    sharedSocket(rehearsal) ??
    staleTarget(experiment) ??
    batchedProgram(experiment, rehearsal.fedByKthreads);
  if (reason !== undefined) return { depends: true, reason };
  const { receiver, kthreads } = rehearsal;
  return { depends: false, holdsConsumers: refuses(receiver) || refuses(kthreads) };
}

interface Rehearsal {
  readonly loads: readonly RingLoad[];
  /** Names of the devices and `map:cpu` queues that kthreads put frames on. */
  readonly fedByKthreads: ReadonlySet<string>;
  readonly receiver: Incidents;
  readonly kthreads: Incidents;
}

/** What became of frames in some contexts. */
interface Incidents {
  /** `Fate`s. */
  readonly fates: ReadonlySet<number>;
  /** Negative errnos of redirects. */
  readonly errors: ReadonlySet<number>;
}

function rehearse(experiment: Experiment, kernel: KernelVersion): Rehearsal {
  const rings = new RingLoads();
  let last: { readonly world: RedirectWorld; readonly traces: TraceCollector } | undefined;
  replayRedirect(experiment, kernel, (world, traces) => {
    rings.look(world, traces);
    last = { world, traces };
  });
  const { world, traces } = last!;
  const loads = rings.of(world, traces);
  return {
    loads,
    fedByKthreads: new Set(loads.filter(({ byKthread }) => byKthread).map(({ name }) => name)),
    receiver: incidentsOf(traces.of(world.receiver.id)),
    kthreads: incidentsOf(world.kthreadContexts.flatMap(({ id }) => traces.of(id))),
  };
}

function incidentsOf(records: readonly RawRecord[]): Incidents {
  const fates = records.filter(({ kind }) => kind === RecordKind.FATE);
  const errors = records.filter(
    ({ kind, type }) => kind === RecordKind.TRACEPOINT && type === Tracepoint.XDP_REDIRECT_ERR,
  );
  return {
    fates: new Set(fates.map(({ type }) => type)),
    errors: new Set(errors.map(({ fields }) => fields[4]!)),
  };
}

/** A frame found no room on a ring, or behind one that was too long. */
function refuses({ fates }: Incidents): boolean {
  return [Fate.CPUMAP_FULL, Fate.XMIT_DROP, Fate.TX_DROP].some((fate) => fates.has(fate));
}

/** A frame found no buffer, or no room on the RX ring. */
function socketRefuses({ errors }: Incidents): boolean {
  return errors.has(-ERRNO.ENOMEM) || errors.has(-ERRNO.ENOBUFS);
}

/** Whoever comes late finds a ring full: who that is depends on timing where a kthread is among them. */
function overload({ loads }: Rehearsal): string | undefined {
  const over = loads.find(({ byKthread, offered, room }) => byKthread && offered > room);
  return (
    over &&
    `kthreads and others offer ${over.offered} frames to ${over.name}, which has room for ${over.room}`
  );
}

/** A driver that stops at a long frame drops what stands behind it in the same bulk. */
function cutShort({ kthreads }: Rehearsal): string | undefined {
  return kthreads.fates.has(Fate.XMIT_DROP)
    ? 'a driver drops frames of a bulk whose size depends on how kthreads batch'
    : undefined;
}

function sharedSocket({ receiver, kthreads }: Rehearsal): string | undefined {
  const isFull =
    socketRefuses(kthreads) || (kthreads.fates.has(Fate.SOCKET) && socketRefuses(receiver));
  return isFull ? 'kthreads redirect to sockets that have no room for all' : undefined;
}

/** XDP_REDIRECT without a call goes where an earlier frame of the same batch would have gone. */
function staleTarget({ programs }: Experiment): string | undefined {
  const isStale = ({ calls, ret }: Action) => calls.length === 0 && ret === XDP.REDIRECT;
  const program = programs.find((each) => each.kind === 'cpumap' && actionsOf(each).some(isStale));
  return program && `program ${program.id} redirects to what its kthread's batch has left`;
}

/** The first frame of a batch chooses the program of its device, and what that drops decides whether the device is told. */
function batchedProgram(
  { maps, programs }: Experiment,
  fedByKthreads: ReadonlySet<string>,
): string | undefined {
  const usedBy = new Map<string, Set<string | null>>();
  const use = (device: string, prog: string | null) =>
    usedBy.set(device, (usedBy.get(device) ?? new Set()).add(prog));
  for (const { type, entries } of maps) {
    if (!type.startsWith('devmap')) continue;
    for (const { device, prog = null } of entries) if (device !== undefined) use(device, prog);
  }
  for (const call of programs.flatMap(actionsOf).flatMap(({ calls }) => calls)) {
    if ('ifindex' in call) use(String(call.ifindex), null);
  }
  const isPlain = (id: string | null) => {
    const program = programs.find((each) => each.id === id);
    return (
      program === undefined ||
      actionsOf(program).every(({ calls, ret }) => calls.length === 0 && ret === XDP.PASS)
    );
  };
  const device = [...fedByKthreads].find((name) => {
    const used = [...(usedBy.get(name) ?? [])];
    return used.length > 1 || !used.every(isPlain);
  });
  return device && `what ${device}'s programs do depends on how kthreads batch`;
}

function actionsOf({ default: usual, steps }: ProgramDeclaration): Action[] {
  return [usual, ...Object.values(steps)];
}
