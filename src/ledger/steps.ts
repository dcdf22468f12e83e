import type {
  EnqueueEvent,
  ProgramRunEvent,
  ReceiveEvent,
  RedirectTarget,
} from '../machine/ledgerEvents.js';
import type { TraceEvent } from '../machine/recordEvents.js';
import type { RecordNames } from '../machine/recordNames.js';
import type { Task } from '../machine/task.js';
import { errnoName } from '../maps/errno.js';
import { kthreadComm } from '../trace/comm.js';
import type { FateTarget } from '../trace/fates.js';
import { actionName } from '../trace/tracepointFormat.js';
import type {
  EnqueueStep,
  LedgerStep,
  ProgramStep,
  ReceiveStep,
  RedirectErrorStep,
  Target,
} from './entry.js';

/** Events as steps: names for numbers, and nothing that says nothing. */

/** What any event says of time and place; `sinceNs`: when the frame came in. */
export function whereOf(
  { timeNs, cpu, task }: { timeNs: number; cpu: number; task: Task },
  sinceNs: number,
): Pick<LedgerStep, 't' | 'cpu' | 'by'> {
  return {
    t: Math.round(timeNs - sinceNs),
    ...(cpu >= 0 && { cpu }),
    ...(task.mapId !== 0 && { by: kthreadComm(cpu, task.mapId) }),
  };
}

export function receiveStep(event: ReceiveEvent, sinceNs: number, names: RecordNames): ReceiveStep {
  return {
    do: event.from === 'socket' ? 'send' : 'receive',
    ...whereOf(event, sinceNs),
    device: names.device(event.ifindex),
    queue: event.queue,
  };
}

export function programStep(
  event: ProgramRunEvent,
  sinceNs: number,
  names: RecordNames,
): ProgramStep {
  const { hook, action, target, refusal } = event;
  return {
    do: 'program',
    ...whereOf(event, sinceNs),
    program: names.program(event.programId),
    hook,
    on: placeOf(event, names),
    took: Math.round(event.timeNs - event.startNs),
    action: actionName(action),
    ...(target && { to: targetOf(target, names) }),
    ...(refusal && {
      refused: {
        errno: errnoName(refusal.errno),
        ...(refusal.mapId !== 0 && { map: names.map(refusal.mapId) }),
        key: refusal.key,
      },
    }),
  };
}

function placeOf({ hook, ifindex, egressIfindex, cpu }: ProgramRunEvent, names: RecordNames) {
  if (hook === 'cpumap') return sinkName('cpu', cpu, names);
  return names.device(hook === 'devmap' ? egressIfindex : ifindex);
}

function targetOf(
  { mapType, mapId, index, isBroadcast, isUnset }: RedirectTarget,
  names: RecordNames,
): Target {
  if (isUnset) return {};
  if (mapType === undefined) return { ifindex: index, device: names.device(index) };
  return { map: names.map(mapId), ...(!isBroadcast && { key: index }) };
}

export function redirectErrorStep(event: TraceEvent, sinceNs: number): RedirectErrorStep {
  const err = event.fields['err']!;
  return { do: 'redirect_err', ...whereOf(event, sinceNs), err, errno: errnoName(err) };
}

/** Whose ring it is. */
const sinkKinds = {
  cpumap: 'cpu',
  device_bulk: 'device',
  device: 'device',
  socket: 'socket',
} as const;

export function enqueueStep(event: EnqueueEvent, sinceNs: number, names: RecordNames): EnqueueStep {
  const { where, mapId, target, err, size, filled, longest, length } = event;
  return {
    do: 'enqueue',
    ...whereOf(event, sinceNs),
    ring: where,
    sink: sinkName(sinkKinds[where], target, names),
    taken: event.isTaken,
    ...(mapId !== 0 && { map: names.map(mapId), key: target }),
    ...(where === 'device' || where === 'socket' ? { queue: event.queue } : {}),
    ...(err !== 0 && { err, errno: errnoName(err) }),
    ...(size !== 0 && { depth: event.depth, size }),
    ...(where !== 'socket' && where !== 'device_bulk'
      ? { bulk: event.bulk, dropped: event.dropped }
      : {}),
    ...(where === 'socket' && { filled }),
    ...(!event.isTaken && longest !== 0 && { longest, length }),
  };
}

/** The number that `target` is, by its kind: `cpu:3`, or the name of a device or a socket. */
export function sinkName(kind: FateTarget, target: number, names: RecordNames): string {
  if (kind === 'cpu') return `cpu:${target}`;
  return kind === 'socket' ? names.socket(target) : names.device(target);
}
