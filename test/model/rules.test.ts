/** Rules of `SEMANTICS.md`, `FORMAT.md` and the kernel's source that no recording decides. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapWorld, PROGS, SOCKETS } from './generate/mapWorld.js';
import { runMapModel } from './maps/model.js';
import type { MapOp, MapResult, MapTraceHeader } from './mapTrace.js';
import { runRedirectModel } from './redirect/model.js';
import type {
  RedirectDevice,
  RedirectDocument,
  RedirectExpect,
  RedirectMap,
  RedirectSocket,
  Step,
} from './redirectTrace.js';

function runOps(...ops: MapOp[]): MapResult[] {
  const { devices } = new MapWorld();
  const header: Partial<MapTraceHeader> = { possibleCpus: 2, nrCpus: 256, devices };
  return runMapModel({ ...header, progs: PROGS, sockets: SOCKETS } as MapTraceHeader, ops);
}

const attributes = { keySize: 4, valueSize: 4, maxEntries: 4, mapFlags: 0 };

test('a map for another device is refused before a cpumap that is too large', () => {
  const op = { op: 'create', map: 'm0', type: 'cpumap', ...attributes, maxEntries: 257 } as const;

  const errnos = runOps({ ...op, mapIfindex: 1 }, op).map(({ errno }) => errno);

  assert.equal(errnos, [22, 7]);
});

test('asking for the information of no descriptor is EBADFD, of no map EINVAL', () => {
  const errnos = runOps({ op: 'info', map: 'badfd' }, { op: 'info', map: 'file' });

  assert.equal(errnos, [{ errno: 77 }, { errno: 22 }]);
});

test('a veth end that moves to another namespace vanishes from maps, and its peer stays', () => {
  const key = (n: number): string => `0${n}000000`;
  const [unregistered, moved, peer] = runOps(
    { op: 'create', map: 'm0', type: 'devmap', ...attributes },
    { op: 'update', map: 'm0', key: key(0), value: { ifindex: 2 }, flags: 0 },
    { op: 'update', map: 'm0', key: key(1), value: { ifindex: 3 }, flags: 0 },
    { op: 'unregister_device', ifindex: 2, how: 'netns' },
    { op: 'lookup', map: 'm0', key: key(0), flags: 0 },
    { op: 'lookup', map: 'm0', key: key(1), flags: 0 },
  ).slice(3);

  assert.equal(unregistered, { removed: [2] });
  assert.is(moved?.errno, 2);
  assert.is(peer?.errno, 0);
});

function device(name: string, change: Partial<RedirectDevice> = {}): RedirectDevice {
  const xmit = { error: 0, maxLength: null, ring: 256, drain: 'flush' } as const;
  const usual = { kind: 'veth', up: true, mtu: 9000, queues: 1 };
  return { name, ...usual, ndoXdpXmit: true, ndoXdpXmitFrags: true, xmit, ...change };
}

function socket(change: Partial<RedirectSocket>): RedirectSocket {
  const rings = { rxRing: 2, fillRing: 8, posted: 8, chunk: 4096, headroom: 0 };
  const binding = { device: 'in0', queue: 0, sharedWith: null };
  return { id: 's0', ...binding, ...rings, consume: 'end', ...change };
}

const XSKMAP: RedirectMap = {
  id: 'm0',
  type: 'xskmap',
  maxEntries: 1,
  valueSize: 4,
  entries: [{ key: 0, socket: 's0' }],
};

function run(
  script: readonly Step[],
  change: Partial<RedirectDocument>,
  mode: RedirectDocument['ingress']['mode'] = 'test-run',
): RedirectExpect {
  return runRedirectModel({
    format: 'xdp-redirect-trace',
    version: 1,
    kernel: '6.18',
    title: '',
    seed: null,
    cpus: 2,
    devices: [device('in0')],
    maps: change.sockets ? [XSKMAP] : [],
    programs: [],
    sockets: [],
    ingress: { device: 'in0', queue: 0, mode, cpu: 1 },
    batches: [script.length],
    frames: { length: 64 },
    script,
    ...change,
  });
}

/** `err` of each redirect. */
function errors({ events }: RedirectExpect): number[] {
  return events.flatMap((event) => ('toIfindex' in event && 'mapId' in event ? [event.err] : []));
}

/** The fill ring's consumer index of the only socket, as user space sees it. */
function shownConsumer({ xskStats = {} }: RedirectExpect): number | undefined {
  return Object.values(xskStats)[0]?.fillConsumer;
}

const toSocket: Step = { map: 'm0', key: 0, flags: 0 };

test('a device that is down and cannot transmit either is refused for the latter', () => {
  const devices = [device('in0'), device('v0', { up: false, ndoXdpXmit: false })];

  assert.equal(errors(run([{ ifindex: 'v0', flags: 0 }], { devices })), [-95]);
});

test('with a driver a frame comes in on the queue of its CPU, without one on queue 0', () => {
  const there = {
    devices: [device('in0', { queues: 2 })],
    sockets: [socket({ queue: 1 })],
  };

  assert.equal(errors(run([toSocket], there, 'native')), [0]);
  assert.equal(errors(run([toSocket], there, 'test-run')), [-22]);
});

test('a buffer that no frame got is shown as taken only by a batch in which another was accepted', () => {
  const sockets = [socket({ rxRing: 1, posted: 3 })];
  const consumerAfter = (batches: readonly number[]): number | undefined => {
    const expect = run([toSocket, toSocket], { sockets, batches });
    assert.equal(errors(expect), [0, -105]);
    return shownConsumer(expect);
  };

  assert.is(consumerAfter([2]), 2);
  assert.is(consumerAfter([1, 1]), 1);
});

test('a fragmented frame that finds the RX ring full takes no buffer', () => {
  const sockets = [socket({ rxRing: 1, posted: 3 })];
  const fragmented: Step = { ...toSocket, len: 3600, frags: true };

  const expect = run([toSocket, fragmented], { sockets }, 'native-skb');

  assert.equal(errors(expect), [0, -105]);
  assert.is(shownConsumer(expect), 1);
});

test.run();
