/** Rules that no recording decides: the emulator does what the model does. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareRedirect } from '../model/compareRedirect.js';
import { describeDifference } from '../model/difference.js';
import { runRedirectModel } from '../model/redirect/model.js';
import type { RedirectDocument, RedirectExpect, Step } from '../model/redirectTrace.js';
import { device, document, map, redirectErrors, socket } from './documents.js';
import { emulateRedirect } from './emulator.js';

/** What the emulator gives, which is what the model gives. */
function agreed(input: RedirectDocument): RedirectExpect {
  const found = emulateRedirect(input);
  const difference = compareRedirect(input.batches, runRedirectModel(input), found);
  if (difference) assert.unreachable(describeDifference(difference));
  return found;
}

const toSocket: Step = { map: 'xsks', key: 0, flags: 0 };
const xsks = map('xsks', 'xskmap', { key: 0, socket: 's0' });

test('a socket that kthreads could deliver to as well is flushed at the end of the poll', () => {
  const programs = [{ id: 'p0', kind: 'cpumap', default: { ret: 2 }, steps: {} } as const];
  const cpus = map('cpus', 'cpumap', { key: 0, qsize: 8, prog: 'p0' });
  const sockets = [socket('s0', { rxRing: 1, posted: 3 })];

  const found = agreed(document([toSocket, toSocket], { maps: [xsks, cpus], programs, sockets }));

  assert.equal(redirectErrors(found), [0, -105]);
  assert.is(found.xskStats?.['s0']?.fillConsumer, 2);
});

test('frames that the receiving CPU and a kthread give to one socket all arrive', () => {
  const programs = [{ id: 'p0', kind: 'cpumap', default: toSocket, steps: {} } as const];
  const cpus = map('cpus', 'cpumap', { key: 0, qsize: 8, prog: 'p0' });
  const sockets = [socket('s0', { rxRing: 4 })];
  const script = [toSocket, { map: 'cpus', key: 0, flags: 0 }, toSocket];

  const found = agreed(document(script, { maps: [xsks, cpus], programs, sockets }));

  assert.equal(found.delivered.sockets['s0']?.frames, [0, 2, 1]);
});

test('a fragmented frame that finds no buffer leaves what user space sees of the FILL ring', () => {
  const sockets = [socket('s0', { rxRing: 4, posted: 1 })];
  const fragmented: Step = { ...toSocket, len: 3600, frags: true };
  const change = { mode: 'native-skb', sockets, maps: [xsks], batches: [1, 1] } as const;

  const found = agreed(document([toSocket, fragmented], change));

  assert.equal(redirectErrors(found), [0, -12]);
  assert.is(found.xskStats?.['s0']?.fillConsumer, 1);
});

test('a frame may be fragmented however short it is', () => {
  const devices = [device('in0'), device('t0', { ndoXdpXmitFrags: false })];
  const script: Step[] = [
    { ifindex: 't0', flags: 0, len: 100, frags: true },
    { ifindex: 't0', flags: 0, len: 100 },
  ];

  const found = agreed(document(script, { mode: 'native-skb', devices, batches: [1, 1] }));

  assert.equal(redirectErrors(found), [-95, 0]);
});

test('a test run of 256 frames is one poll', () => {
  const script = Array.from({ length: 256 }, (): Step => ({ ifindex: 'v0', flags: 0 }));

  const found = agreed(document(script, { devices: [device('in0'), device('v0')] }));

  const flushes = found.events.filter((event) => 'flush' in event);
  assert.is(flushes.length, 1);
  assert.is(found.delivered.devices['v0']?.frames.length, 256);
});

test('a test run does not ask whether its device is up', () => {
  const found = agreed(document([{ ret: 2 }], { devices: [device('in0', { up: false })] }));

  assert.equal(found.delivered.stack['rx']?.frames, [0]);
});

test('the 17th XDP_TX empties the queue while it is handled, the rest goes with the flush', () => {
  const script = Array.from({ length: 17 }, (): Step => ({ ret: 3 }));

  const { events } = agreed(document(script, { mode: 'native' }));

  const moments = events.map((event) => ('frame' in event ? event.frame : `flush ${event.flush}`));
  assert.equal(moments, [16, 'flush 0']);
});

// Linux 6.18: 1 is the index of the loopback device, in every network namespace.
for (const [key, what, err] of [
  [3, 'an index that no device has', -22],
  [1, "the loopback device's index, which cannot transmit", -95],
] as const) {
  test(`a key that an earlier call left may be ${what}`, () => {
    const maps = [map('devs', 'devmap', { key, device: 'v0' })];
    const missAndRedirect: Step = { calls: [{ map: 'devs', key: 7, flags: 0 }], ret: 4 };
    const script = [{ map: 'devs', key, flags: 0 }, missAndRedirect];

    const found = agreed(document(script, { maps, devices: [device('in0'), device('v0')] }));

    assert.equal(redirectErrors(found), [0, err]);
  });
}

test('an index that an earlier call left can really be sent to', () => {
  const maps = [map('devs', 'devmap', { key: 1, device: 'v0' })];
  const missAndRedirect: Step = { calls: [{ map: 'devs', key: 7, flags: 0 }], ret: 4 };
  const script = [{ ifindex: 'v0', flags: 0 }, missAndRedirect];

  const found = agreed(document(script, { maps, devices: [device('in0'), device('v0')] }));

  assert.equal(found.delivered.devices['v0']?.frames, [0, 1]);
});

test('keys and flags are 64 bits: the key is cut off, the flags are not', () => {
  const maps = [map('devs', 'devmap', { key: 1, device: 'v0' })];
  const script: Step[] = [
    { map: 'devs', key: 2 ** 32 + 1, flags: 0 },
    { map: 'devs', key: 1, flags: 2 ** 32 },
  ];

  const found = agreed(document(script, { maps, devices: [device('in0'), device('v0')] }));

  assert.equal(found.returns, [4, 0]);
});

test.run();
