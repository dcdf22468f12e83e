/** Small redirect experiments: what a test does not say is usual. */

import type {
  RedirectDevice,
  RedirectDocument,
  RedirectExpect,
  RedirectMap,
  RedirectSocket,
  Step,
} from '../model/redirectTrace.js';

export function device(name: string, change: Partial<RedirectDevice> = {}): RedirectDevice {
  return {
    name,
    kind: 'veth',
    up: true,
    mtu: 9000,
    queues: 1,
    ndoXdpXmit: true,
    ndoXdpXmitFrags: true,
    xmit: { error: 0, maxLength: null, ring: 256, drain: 'flush' },
    ...change,
  };
}

/** A veth end whose peer does not receive: its driver has an ndo_xdp_xmit, and that cannot send. */
export function deafDevice(name: string): RedirectDevice {
  const { xmit: _, ...rest } = device(name, { ndoXdpXmit: false, ndoXdpXmitFrags: false });
  return rest;
}

export function socket(id: string, change: Partial<RedirectSocket> = {}): RedirectSocket {
  return {
    id,
    device: 'in0',
    queue: 0,
    rxRing: 2,
    fillRing: 8,
    posted: 8,
    chunk: 4096,
    headroom: 0,
    sharedWith: null,
    consume: 'end',
    ...change,
  };
}

export function map(
  id: string,
  type: RedirectMap['type'],
  ...entries: RedirectMap['entries']
): RedirectMap {
  const valueSize = type === 'xskmap' ? 4 : 8;
  return { id, type, maxEntries: 8, valueSize, entries };
}

type Change = Partial<Omit<RedirectDocument, 'ingress'>> & {
  readonly mode?: RedirectDocument['ingress']['mode'];
};

/** Device `in0` receives on CPU 1; all frames come in one batch. */
export function document(
  script: readonly Step[],
  { mode = 'test-run', ...change }: Change = {},
): RedirectDocument {
  return {
    format: 'xdp-redirect-trace',
    version: 1,
    kernel: '6.18',
    title: '',
    seed: null,
    cpus: 2,
    devices: [device('in0')],
    maps: [],
    programs: [],
    sockets: [],
    ingress: { device: 'in0', queue: 0, mode, cpu: 1 },
    batches: [script.length],
    frames: { length: 64 },
    script,
    ...change,
  };
}

/** `err` of each redirect that a tracepoint told of. */
export function redirectErrors({ events }: RedirectExpect): number[] {
  return events.flatMap((event) => ('toIfindex' in event && 'mapId' in event ? [event.err] : []));
}
