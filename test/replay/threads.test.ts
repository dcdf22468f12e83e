/** What does not depend on timing comes out the same with a worker for each context. */

import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeDifference } from '../../src/replay/difference.js';
import { replayTextThreaded } from '../../src/replay/replay.js';
import { timingOf } from '../../src/replay/timing.js';
import { compareRedirect } from '../model/compareRedirect.js';
import { redirectDocuments } from '../model/generate/redirectDocuments.js';
import { runRedirectModel } from '../model/redirect/model.js';
import type { RedirectDocument } from '../model/redirectTrace.js';
import { bundledTraces, sharedTraces, type TraceFile } from '../model/traceFiles.js';
import { property } from '../support/property.js';
import { document, map, socket } from './documents.js';
import { emulateThreaded, parseDocument } from './emulator.js';

async function passes({ name, text }: TraceFile): Promise<void> {
  const result = await replayTextThreaded(name, text);
  if ('skipped' in result) console.log(`skip ${name}: ${result.skipped}`);
  else if (result.difference)
    assert.unreachable(`${name}: ${describeDifference(result.difference)}`);
}

for (const file of bundledTraces('redirect')) {
  test(`workers do what Linux did in ${file.name}`, () => passes(file));
}

for (const file of sharedTraces('redirect')) {
  test(`workers do what Linux did in shared ${file.name}`, () => passes(file));
}

function timing(experiment: RedirectDocument) {
  return timingOf(parseDocument(experiment).experiment, 618);
}

property(
  'experiments that do not depend on timing give on workers what the model gives',
  'dist/test/replay/threads.test.js',
  fc.asyncProperty(redirectDocuments, async (experiment) => {
    const found = await emulateThreaded(experiment);
    if (found === undefined) return;
    const expected = runRedirectModel(experiment);
    const difference = compareRedirect(experiment.batches, expected, found);
    if (difference) throw new Error(describeDifference(difference));
  }),
  { numRuns: 30 },
);

/** All frames go to CPU 0, whose kthread runs `prog`. */
function throughKthread(
  frames: number,
  step: RedirectDocument['programs'][number]['default'],
  change: Partial<Omit<RedirectDocument, 'ingress'>> = {},
): RedirectDocument {
  const script = Array.from({ length: frames }, () => ({ map: 'cpus', key: 0, flags: 0 }));
  return document(script, {
    programs: [{ id: 'steer', kind: 'cpumap', default: step, steps: {} }],
    ...change,
    maps: [map('cpus', 'cpumap', { key: 0, qsize: 64, prog: 'steer' }), ...(change.maps ?? [])],
  });
}

const PASS = { ret: 2 };

test('frames that find room everywhere may run freely', () => {
  assert.equal(timing(throughKthread(48, PASS)), { depends: false, holdsConsumers: false });
});

test('a poll that overflows a queue must be over before that is emptied', () => {
  assert.equal(timing(throughKthread(65, PASS)), { depends: false, holdsConsumers: true });
});

test('a device that kthreads may fill depends on timing', () => {
  const full = throughKthread(40, { ifindex: 'in0', flags: 0 });
  const [device] = full.devices;
  const small = { ...device!, xmit: { ...device!.xmit!, ring: 32 } };

  assert.is(timing(full).depends, false);
  assert.equal(timing({ ...full, devices: [small] }), {
    depends: true,
    reason: 'kthreads and others offer 40 frames to in0, which has room for 32',
  });
});

test('a socket that kthreads may fill depends on timing', () => {
  const maps = [map('sockets', 'xskmap', { key: 0, socket: 's' })];
  const sockets = [socket('s', { rxRing: 4 })];
  const toSocket = { map: 'sockets', key: 0, flags: 0 };

  assert.is(timing(throughKthread(4, toSocket, { maps, sockets })).depends, false);
  assert.equal(timing(throughKthread(5, toSocket, { maps, sockets })), {
    depends: true,
    reason: 'kthreads redirect to sockets that have no room for all',
  });
});

test('a kthread that redirects to what an earlier frame has left depends on timing', () => {
  assert.equal(timing(throughKthread(4, { ret: 4 })), {
    depends: true,
    reason: "program steer redirects to what its kthread's batch has left",
  });
});

test("a device whose frames' program is the first one's of a kthread's batch depends on timing", () => {
  const maps = [
    map('devices', 'devmap', { key: 0, device: 'in0' }, { key: 1, device: 'in0', prog: 'pass' }),
  ];
  const experiment = throughKthread(4, { map: 'devices', key: 0, flags: 0 }, { maps });
  const pass = { id: 'pass', kind: 'devmap', default: PASS, steps: {} } as const;

  assert.equal(timing({ ...experiment, programs: [...experiment.programs, pass] }), {
    depends: true,
    reason: "what in0's programs do depends on how kthreads batch",
  });
});

test.run();
