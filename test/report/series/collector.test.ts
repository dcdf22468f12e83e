import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { SeriesCollector } from '../../../src/report/series/collector.js';
import { seriesSchema } from '../../../src/report/series/document.js';
import { RedirectPairs } from '../../../src/report/series/redirectPairs.js';
import {
  copied,
  ended,
  enqueued,
  fired,
  headOf,
  names,
  ran,
  received,
  SOFTIRQ,
} from '../support.js';

const redirect = (fields: Record<string, number>) => ({
  prog_id: 1,
  ifindex: 1,
  to_ifindex: 0,
  err: 0,
  map_id: 1,
  map_index: 2,
  ...fields,
});
const KTHREAD = { mapId: 1, pid: 7 };

function collect(feed: (listener: Required<SeriesCollector['listener']>) => void) {
  const collector = new SeriesCollector(names, 4, (map, cpu) => (map === 'cpus' ? 64 + cpu : null));
  feed(collector.listener as Required<SeriesCollector['listener']>);
  return collector.document();
}

const totals = (series: readonly { label: string; total: number }[]) =>
  series.map(({ label, total }) => [label, total]);

test('a frame that goes over a cpumap is received, redirected and delivered by name', () => {
  const series = collect((listener) => {
    listener.onReceive(received({ timeNs: 0, cpu: 1, queue: 3 }));
    listener.onProgram(ran({ timeNs: 200, cpu: 1, queue: 3 }));
    listener.onTracepoint(fired('xdp_redirect', redirect({}), { timeNs: 300, cpu: 1 }));
    listener.onEnqueue(enqueued({ timeNs: 400 }));
    listener.onFate(ended('pass', { timeNs: 900, cpu: 2, task: KTHREAD, target: 2 }));
  });
  assert.equal(totals(series.received), [['CPU 1', 1]]);
  assert.equal(totals(series.redirected), [['CPU 2', 1]]);
  assert.equal(totals(series.delivered), [['CPU 2', 1]]);
  assert.equal(series.matrix.cells, [
    { from: 'eth1 \u00b7 queue 3 \u00b7 prog1', to: 'cpus[2] \u2192 CPU 2', frames: 1, errors: 0 },
  ]);
  assert.equal(series.flows.flows, [
    { flow: '10.0.0.1:1>10.0.0.2:53/udp', frames: 1, cpus: [0, 0, 1, 0] },
  ]);
});

test('what a program redirects to is named by map, key and target', () => {
  const to = (fields: Record<string, number>, name = 'xdp_redirect') =>
    collect(({ onTracepoint }) => {
      onTracepoint(fired(name, redirect(fields), { timeNs: 0 }));
    }).matrix.cells[0]!.to;
  assert.is(to({ map_id: 2, map_index: 5, to_ifindex: 3 }), 'ports[5] \u2192 eth3');
  assert.is(to({ map_id: 2, map_index: 5 }), 'all of ports');
  assert.is(to({ map_id: 2, map_index: 5, err: -2 }, 'xdp_redirect_err'), 'ports[5]');
  assert.is(to({ map_id: 3, map_index: 0 }), 'xsks[0] \u2192 socket sock1');
  assert.is(to({ map_id: 3, map_index: 9 }), 'xsks[9]');
  assert.is(to({ map_id: 0x7fffffff, map_index: 0, to_ifindex: 2 }), 'eth2');
  assert.is(to({ map_id: 0, map_index: 0, err: -56 }, 'xdp_redirect_err'), 'no target');
});

test('a kthread that redirects is a source by its own name', () => {
  const { matrix } = collect(({ onTracepoint }) => {
    const event = { timeNs: 0, cpu: 2, task: KTHREAD };
    onTracepoint(fired('xdp_redirect', redirect({ map_id: 2, to_ifindex: 3 }), event));
  });
  assert.is(matrix.cells[0]!.from, 'cpumap/2/map:1 \u00b7 prog1');
});

test('errors are counted by errno and tracepoint, frames that are lost by fate', () => {
  const series = collect(({ onTracepoint, onFate }) => {
    onTracepoint(fired('xdp_redirect_err', redirect({ err: -12 }), { timeNs: 0 }));
    const xmit = { from_ifindex: 1, to_ifindex: 2, sent: 0, drops: 5, err: -6 };
    onTracepoint(fired('xdp_devmap_xmit', xmit, { timeNs: 0 }));
    onTracepoint(fired('xdp_exception', { prog_id: 1, act: 0, ifindex: 1 }, { timeNs: 0 }));
    onFate(ended('redirect_err_ENOMEM', { timeNs: 0, target: 1 }));
    onFate(ended('xmit_error', { timeNs: 0, target: 2 }));
    onFate(ended('xmit_error', { timeNs: 0, target: 2, length: 40 }));
  });
  assert.equal(totals(series.errors), [
    ['ENXIO (xdp_devmap_xmit)', 5],
    ['ENOMEM (xdp_redirect_err)', 1],
    ['xdp_exception', 1],
  ]);
  assert.equal(totals(series.lost), [
    ['xmit_error', 2],
    ['redirect_err_ENOMEM', 1],
  ]);
  assert.equal(series.fates[0], {
    fate: 'xmit_error',
    target: 'eth2',
    frames: 2,
    bytes: 100,
    firstNs: 0,
    lastNs: 0,
  });
});

test('the queue of a cpumap entry is as deep as its events add up to', () => {
  const enqueue = { cpu: 0, map_id: 1, processed: 8, drops: 1, to_cpu: 2 };
  const kthread = { cpu: 2, map_id: 1, processed: 3, drops: 0, sched: 0 };
  const { rings, bulks } = collect(({ onTracepoint }) => {
    onTracepoint(fired('xdp_cpumap_enqueue', enqueue, { timeNs: 0 }));
    onTracepoint(fired('xdp_cpumap_enqueue', enqueue, { timeNs: 100_000 }));
    onTracepoint(fired('xdp_cpumap_kthread', kthread, { timeNs: 200_000 }));
  });
  const [ring] = rings;
  assert.equal(ring, {
    label: 'cpus[2] queue',
    target: 'CPU 2',
    size: 66,
    most: 14,
    values: [7, 14, 11],
  });
  const [into, outOf] = bulks;
  assert.is(into!.label, 'enqueue to CPU 2');
  assert.equal(into!.sizes, [0, 0, 0, 0, 0, 0, 0, 0, 2]);
  assert.equal(
    [outOf!.label, outOf!.frames, outOf!.bulks],
    ['kthread of CPU 2', [0, 0, 3], [0, 0, 1]],
  );
});

test('rings of devices and sockets are followed by what they take and by looks', () => {
  const collector = new SeriesCollector(names, 1, () => null);
  const { onEnqueue } = collector.listener;
  onEnqueue!(
    enqueued({ timeNs: 0, where: 'device', target: 2, queue: 1, depth: 4, bulk: 3, dropped: 1 }),
  );
  collector.sample(200_000, {
    cpumaps: [],
    wires: [{ device: 'eth2', queue: 1, used: 1, size: 64 }],
    rxQueues: [
      { device: 'eth1', queue: 0, used: 3, size: 64 },
      { device: 'eth8', queue: 0, used: 2, size: 64 },
    ],
    sockets: [{ name: 'sock1', rx: 0, rxSize: 8, fill: 9, fillSize: 16 }],
  });
  onEnqueue!(enqueued({ timeNs: 300_000, where: 'socket', target: 1, depth: 0, bulk: 1, size: 8 }));
  const rings = collector.document().rings.map(({ label, values }) => [label, values]);
  assert.equal(rings, [
    ['socket sock1 FILL ring', [0, 0, 9, 9]],
    ['eth2 ring 1', [6, 6, 1, 1]],
    ['eth9 ring', [0, 0, 2, 2]],
    ['socket sock1 RX ring', [0, 0, 0, 1]],
  ]);
});

test('a flow is what came in: a veth hop and a copy belong to it', () => {
  const { flows } = collect(({ onReceive, onClone, onFate }) => {
    onReceive(received({ timeNs: 0, cpu: 0, head: headOf(1) }));
    onReceive(received({ timeNs: 10, cpu: 3, head: headOf(999) }));
    onClone(copied({ timeNs: 20, tag: 0x80000001 }));
    onFate(ended('transmitted', { timeNs: 30, tag: 0x80000001, cpu: -1, target: 2 }));
    onFate(ended('drop', { timeNs: 40, cpu: 3, target: 2 }));
    onReceive(received({ timeNs: 50, tag: 2, head: new Uint8Array(60) }));
    onFate(ended('drop', { timeNs: 60, tag: 2 }));
  });
  assert.equal(flows.flows, [
    { flow: '10.0.0.1:1>10.0.0.2:53/udp', frames: 2, cpus: [0, 0, 0, 2] },
  ]);
});

test('flows past the bound are counted by CPU', () => {
  const { flows } = collect(({ onReceive, onFate }) => {
    for (let port = 1; port <= 4100; port++) {
      onReceive(received({ timeNs: 0, tag: port, head: headOf(port), cpu: 1 }));
      onFate(ended('drop', { timeNs: 0, tag: port, cpu: 1, task: SOFTIRQ }));
    }
  });
  assert.is(flows.flows.length, 4096);
  assert.equal(flows.rest, [0, 4, 0, 0]);
});

test('pairs past the bound are counted together', () => {
  const pairs = new RedirectPairs(2);
  for (const to of ['a', 'b', 'c', 'a']) pairs.add('eth0', to, false);
  pairs.add('eth0', 'b', true);
  pairs.add('eth1', 'a', true);
  assert.equal(pairs.matrix(), {
    cells: [
      { from: 'eth0', to: 'a', frames: 2, errors: 0 },
      { from: 'eth0', to: 'b', frames: 1, errors: 1 },
    ],
    rest: 2,
  });
});

test('the document is what its schema says, also of a run in which nothing happened', () => {
  const series = collect(() => {});
  assert.equal(v.parse(seriesSchema, JSON.parse(JSON.stringify(series))), series);
});

test.run();
