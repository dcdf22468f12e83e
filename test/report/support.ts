import type {
  CloneEvent,
  EnqueueEvent,
  ProgramRunEvent,
  ReceiveEvent,
} from '../../src/machine/ledgerEvents.js';
import type { FateEvent, TraceEvent } from '../../src/machine/recordEvents.js';
import { udpFrame } from '../../src/packet/build.js';
import type { ObjectNames } from '../../src/report/series/objectNames.js';
import { fates } from '../../src/trace/fates.js';
import { tracepoints } from '../../src/trace/tracepoints.js';

/** Events as a machine would tell of them, one after the other. */

export const SOFTIRQ = { mapId: 0, pid: 0 };
export const XDP_REDIRECT = 4;

const redirectMaps = new Map([
  [1, { name: 'cpus', type: 'cpumap', sockets: new Map() }],
  [2, { name: 'ports', type: 'devmap', sockets: new Map() }],
  [3, { name: 'xsks', type: 'xskmap', sockets: new Map([[0, 'sock1']]) }],
]);

export const names: ObjectNames = {
  device: (ifindex) => `eth${ifindex}`,
  program: (id) => `prog${id}`,
  socket: (id) => `sock${id}`,
  peer: (device) => (device === 'eth8' ? 'eth9' : undefined),
  map: (id) => redirectMaps.get(id)?.name ?? `map ${id}`,
  redirectMap: (id) => redirectMaps.get(id),
};

export function headOf(sport: number): Uint8Array {
  return udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', sport, dport: 53 });
}

type Some<T> = Partial<T> & { readonly timeNs: number };

const step = { tag: 1, cpu: 0, task: SOFTIRQ, order: 0 };

export function received(some: Some<ReceiveEvent>): ReceiveEvent {
  const head = headOf(1);
  return { ...step, from: 'queue', ifindex: 1, queue: 0, length: head.length, head, ...some };
}

export function ran(some: Some<ProgramRunEvent>): ProgramRunEvent {
  return {
    ...step,
    hook: 'xdp',
    programId: 1,
    ifindex: 1,
    egressIfindex: 0,
    queue: 0,
    action: XDP_REDIRECT,
    target: undefined,
    refusal: undefined,
    startNs: some.timeNs - 100,
    before: undefined,
    after: undefined,
    ...some,
  };
}

export function enqueued(some: Some<EnqueueEvent>): EnqueueEvent {
  return {
    ...step,
    where: 'cpumap',
    target: 2,
    mapId: 1,
    queue: 0,
    isTaken: true,
    err: 0,
    depth: 0,
    size: 64,
    bulk: 1,
    dropped: 0,
    filled: 0,
    longest: 0,
    length: 0,
    ...some,
  };
}

export function copied(some: Some<CloneEvent>): CloneEvent {
  return { ...step, parent: 1, ...some };
}

export function ended(name: string, some: Some<FateEvent>): FateEvent {
  const fate = fates.find((each) => each.name === name)!;
  return { ...step, fate, target: 0, length: 60, data: undefined, ...some };
}

export function fired(
  name: string,
  fields: TraceEvent['fields'],
  some: Some<TraceEvent>,
): TraceEvent {
  const info = tracepoints.find((each) => each.name === name)!;
  return { ...step, name, info, fields, ...some };
}
