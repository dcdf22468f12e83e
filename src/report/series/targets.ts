import type { FateEvent, TraceEvent } from '../../machine/recordEvents.js';
import { kthreadComm } from '../../trace/comm.js';
import type { ObjectNames, RedirectMap } from './objectNames.js';

export const cpuLabel = (cpu: number): string => `CPU ${cpu}`;
export const socketLabel = (name: string): string => `socket ${name}`;

/** The device, CPU or socket at which a frame ended. */
export function fateTarget({ fate, target }: FateEvent, names: ObjectNames): string {
  if (fate.target === 'cpu') return cpuLabel(target);
  return fate.target === 'socket' ? socketLabel(names.socket(target)) : names.device(target);
}

export interface RedirectTarget {
  /** The device, CPU or socket, named as `fateTarget` does. */
  readonly target: string;
  /** With the map's entry that led there. */
  readonly entry: string;
}

/** Whom a frame was redirected to, of `xdp_redirect` and its errors. */
export function redirectTarget({ fields }: TraceEvent, names: ObjectNames): RedirectTarget {
  const { map_id: mapId = 0, map_index: key = 0, to_ifindex: toIfindex = 0 } = fields;
  const map = names.redirectMap(mapId);
  if (map === undefined) {
    const target = toIfindex === 0 ? 'no target' : names.device(toIfindex);
    return { target, entry: target };
  }
  if (isBroadcast(map, toIfindex, fields['err'] ?? 0)) {
    const all = `all of ${map.name}`;
    return { target: all, entry: all };
  }
  const target = targetOf(map, key, toIfindex, names);
  if (target === undefined) return { target: `${map.name}[${key}]`, entry: `${map.name}[${key}]` };
  return { target, entry: `${map.name}[${key}] \u2192 ${target}` };
}

/** Of a broadcast the kernel names no device. */
function isBroadcast({ type }: RedirectMap, toIfindex: number, err: number): boolean {
  return err === 0 && toIfindex === 0 && (type === 'devmap' || type === 'devmap_hash');
}

function targetOf(
  { type, sockets }: RedirectMap,
  key: number,
  toIfindex: number,
  names: ObjectNames,
): string | undefined {
  if (type === 'cpumap') return cpuLabel(key);
  if (type !== 'xskmap') return toIfindex === 0 ? undefined : names.device(toIfindex);
  const socket = sockets.get(key);
  return socket === undefined ? undefined : socketLabel(socket);
}

/** Who ran the program: a kthread, or the poll of a receive queue, where it is known which. */
export function redirectSource(
  { task, cpu, fields }: TraceEvent,
  queue: number | undefined,
  names: ObjectNames,
): string {
  const program = names.program(fields['prog_id'] ?? 0);
  if (task.mapId !== 0) return `${kthreadComm(cpu, task.mapId)} \u00b7 ${program}`;
  const place = queue === undefined ? cpuLabel(cpu) : `queue ${queue}`;
  return `${names.device(fields['ifindex'] ?? 0)} \u00b7 ${place} \u00b7 ${program}`;
}
