/** What Linux 6.1 does differently from 6.18. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tracepointsOf } from '../../src/trace/tracepoints.js';
import { MapWorld, PROGS } from '../model/generate/mapWorld.js';
import type { MapOp } from '../model/mapTrace.js';
import type { Step } from '../model/redirectTrace.js';
import { deafDevice, device, document, map, redirectErrors } from './documents.js';
import { emulateMaps, emulateRedirect } from './emulator.js';

const { devices } = new MapWorld();
const header = {
  format: 'xdp-map-trace',
  version: 1,
  title: '',
  theme: '',
  kernel: '',
  machine: '',
  seed: 0,
  possibleCpus: 2,
  nrCpus: 256,
  ops: 0,
  opKinds: [],
  mapTypes: [],
  devices,
  progs: PROGS,
  sockets: [],
} as const;

/** errno of the last operation on 6.1 and on 6.18. */
function lastErrnos(...ops: MapOp[]): (number | undefined)[] {
  return ([601, 618] as const).map((kernel) => emulateMaps(header, ops, kernel).at(-1)?.errno);
}

const EPERM = 1;
const EBUSY = 16;
const EINVAL = 22;
const create: MapOp = {
  op: 'create',
  map: 'm0',
  type: 'devmap',
  keySize: 4,
  valueSize: 4,
  maxEntries: 4,
  mapFlags: 0,
};

test('freezing a frozen map is EBUSY before, EPERM now', () => {
  const freeze: MapOp = { op: 'freeze', map: 'm0' };

  assert.equal(lastErrnos(create, freeze, freeze), [EBUSY, EPERM]);
});

test('a read-only descriptor may freeze before, and may not now', () => {
  const open: MapOp = { op: 'open', map: 'm0', as: 'm1', flags: 8 };

  assert.equal(lastErrnos(create, open, { op: 'freeze', map: 'm1' }), [0, EPERM]);
});

test('bit 16 of the map flags is unknown before, and now asks for a token that descriptor 0 is not', () => {
  assert.equal(lastErrnos({ ...create, mapFlags: 1 << 16 }), [EINVAL, EINVAL]);
});

test('a device that cannot transmit is refused by the redirect now, by the transmit before', () => {
  const script = [{ ifindex: 'v0', flags: 0 }];
  const input = document(script, { devices: [device('in0'), deafDevice('v0')] });

  const before = emulateRedirect(input, 601);
  const now = emulateRedirect(input, 618);

  assert.equal(redirectErrors(before), [0]);
  const xmit = { ev: 'xdp_devmap_xmit', fromIfindex: 'in0', toIfindex: 'v0' };
  assert.equal(before.events[1], { flush: 0, ...xmit, sent: 0, drops: 1, err: -6 });
  assert.equal(redirectErrors(now), [-95]);
  assert.is(now.events.length, 1);
});

test('a device whose driver has no ndo_xdp_xmit at all is refused by the redirect on both', () => {
  const ifb = { ...deafDevice('ifb0'), kind: 'ifb' };
  const input = document([{ ifindex: 'ifb0', flags: 0 }], { devices: [device('in0'), ifb] });

  assert.equal(redirectErrors(emulateRedirect(input, 601)), [-95]);
  assert.equal(redirectErrors(emulateRedirect(input, 618)), [-95]);
});

const fragmented = (step: Step): Step => ({ ...step, len: 4000, frags: true });

test('a fragmented frame goes to a scatter-gather device now, and nowhere and untold before', () => {
  const input = document([fragmented({ ifindex: 'v0', flags: 0 })], {
    mode: 'native-skb',
    devices: [device('in0'), device('v0')],
  });

  const before = emulateRedirect(input, 601);
  const now = emulateRedirect(input, 618);

  assert.equal([before.events, before.delivered.devices], [[], {}]);
  assert.equal(now.delivered.devices['v0']?.frames, [0]);
});

test('a fragmented frame goes to a cpumap on both', () => {
  const maps = [map('cpus', 'cpumap', { key: 0, qsize: 8 })];
  const script = [fragmented({ map: 'cpus', key: 0, flags: 0 })];
  const input = document(script, { mode: 'native-skb', maps });

  for (const kernel of [601, 618] as const) {
    assert.equal(emulateRedirect(input, kernel).delivered.cpumap['cpus:0']?.frames, [0]);
  }
});

test('the redirect state is zeroed at the start of a poll now, and kept before', () => {
  const maps = [map('devs', 'devmap', { key: 1, device: 'v0' })];
  const miss: Step = { calls: [{ map: 'devs', key: 7, flags: 0 }], ret: 4 };
  const input = document([{ ifindex: 'v0', flags: 0 }, miss], {
    maps,
    devices: [device('in0'), device('v0')],
    batches: [1, 1],
  });

  assert.equal(redirectErrors(emulateRedirect(input, 601)), [0, 0]);
  assert.equal(redirectErrors(emulateRedirect(input, 618)), [0, -22]);
});

test('6.1 has twelve tracepoints, of which 6.18 has nine', () => {
  const [before, now] = [tracepointsOf(601), tracepointsOf(618)];

  assert.is(before.length, 12);
  assert.is(now.length, 9);
  const gone = before.filter((info) => !now.includes(info)).map(({ name }) => name);
  assert.equal(gone, ['xdp_redirect_map', 'xdp_redirect_map_err', 'mem_return_failed']);
});

test.run();
