import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { property } from '../../support/property.js';
import { runRedirectModel } from '../redirect/model.js';
import type { RedirectDocument, RedirectExpect } from '../redirectTrace.js';
import { redirectDocuments } from './redirectDocuments.js';

const FILE = 'dist/test/model/generate/redirectDocuments.test.js';
const XDP_PASS = 2;
const XDP_TX = 3;
const XDP_REDIRECT = 4;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function framesTo(expect: RedirectExpect, kind: 'devices' | 'cpumap' | 'sockets'): number {
  return sum(Object.values(expect.delivered[kind]).map(({ frames }) => frames.length));
}

/** Of what the receiving CPU and the kthreads gave to cpumaps, what their rings took. */
function acceptedByCpumaps({ events, kthreadDetail }: RedirectExpect): number {
  const rows = [...events.filter(({ ev }) => ev === 'xdp_cpumap_enqueue')];
  const counts = [...rows, ...(kthreadDetail?.enqueue ?? [])] as unknown as {
    processed: number;
    drops: number;
  }[];
  return sum(counts.map(({ processed, drops }) => processed - drops));
}

property(
  'a generated redirect document has a step for each frame, and only names that it declares',
  FILE,
  fc.property(redirectDocuments, (document) => {
    assert.is(sum(document.batches), document.script.length);
    const devices = new Set(document.devices.map(({ name }) => name));
    const programs = new Set(document.programs.map(({ id }) => id));
    for (const { entries } of document.maps) {
      for (const { device, prog } of entries) {
        assert.ok(device === undefined || devices.has(device), `device ${device}`);
        assert.ok(prog == null || programs.has(prog), `program ${prog}`);
      }
    }
  }),
);

function isConserved(document: RedirectDocument, expect: RedirectExpect): void {
  const { actions, events, kthread } = expect;
  const { rx } = expect.delivered.stack;
  const count = (...wanted: number[]): number => actions.filter((a) => wanted.includes(a)).length;
  const isNative = document.ingress.mode !== 'test-run';
  const redirects = events.filter(({ ev }) => ev === 'xdp_redirect' || ev === 'xdp_redirect_err');

  assert.is(actions.length, document.script.length);
  assert.is(rx?.frames.length ?? 0, count(XDP_PASS));
  assert.is(redirects.length, isNative ? count(XDP_REDIRECT) : count(XDP_REDIRECT, XDP_TX));
  assert.is(framesTo(expect, 'cpumap'), acceptedByCpumaps(expect));
  assert.is(framesTo(expect, 'cpumap'), sum(kthread.map(({ processed }) => processed)));
}

property(
  'the redirect model loses no frame of a generated document, and does the same each time',
  FILE,
  fc.property(redirectDocuments, (document) => {
    const expect = runRedirectModel(document);
    isConserved(document, expect);
    assert.equal(runRedirectModel(document), expect);
  }),
);

test('generated redirect documents reach every event, error and destination that recordings show', () => {
  const seen = new Set<string>();
  for (const document of fc.sample(redirectDocuments, { seed: 1, numRuns: 300 })) {
    const expect = runRedirectModel(document);
    seen.add(document.ingress.mode);
    for (const event of expect.events) {
      seen.add(event.ev);
      if ('err' in event) seen.add(`${event.ev} ${event.err}`);
      if ('drops' in event && event.drops > 0) seen.add(`${event.ev} drops`);
    }
    const { redirects = [], enqueue = [] } = expect.kthreadDetail ?? {};
    for (const { err } of redirects) seen.add(`kthread ${err}`);
    for (const { mapId } of enqueue) seen.add(`kthread to ${mapId}`);
    for (const stats of Object.values(expect.xskStats ?? {})) {
      for (const [name, value] of Object.entries(stats)) if (value > 0) seen.add(name);
    }
    for (const kind of ['devices', 'cpumap', 'stack', 'sockets'] as const) {
      for (const { ordered } of Object.values(expect.delivered[kind]))
        seen.add(`${kind} ${ordered}`);
    }
  }

  const errors = [-95, -100, -90, -22, -56, -28, -12, -105];
  const wanted = [
    ...['test-run', 'native', 'native-skb', 'prog', 'xdp_exception', 'xdp_bulk_tx 0'],
    ...errors.map((err) => `xdp_redirect_err ${err}`),
    ...['xdp_devmap_xmit drops', 'xdp_devmap_xmit -6', 'xdp_cpumap_enqueue drops'],
    ...['kthread 0', 'kthread -22', 'kthread to kc'],
    ...['rxDropped', 'rxRingFull', 'rxFillRingEmptyDescs', 'fillProducer', 'fillConsumer'],
    ...['devices true', 'devices false', 'cpumap true', 'cpumap false', 'stack true'],
    'sockets true',
  ];
  assert.equal(
    wanted.filter((what) => !seen.has(what)),
    [],
  );
});

test.run();
