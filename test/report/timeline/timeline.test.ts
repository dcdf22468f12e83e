import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Timeline } from '../../../src/report/timeline/timeline.js';
import type { TraceFileEvent } from '../../../src/report/timeline/traceFile.js';
import { copied, ended, enqueued, fired, names, ran, received } from '../support.js';

const KTHREAD = { mapId: 1, pid: 7 };
type Listener = Required<Timeline['listener']>;

function trace(feed: (listener: Listener, timeline: Timeline) => void): TraceFileEvent[] {
  const events: TraceFileEvent[] = [];
  const timeline = new Timeline(
    (event) => events.push(event),
    names,
    () => null,
  );
  feed(timeline.listener as Listener, timeline);
  timeline.close();
  return events;
}

/** Over a cpumap to CPU 2 and from there to a device. */
function twoRedirects(listener: Listener): void {
  listener.onReceive(received({ timeNs: 1000 }));
  listener.onProgram(ran({ timeNs: 2000, startNs: 1500 }));
  listener.onEnqueue(enqueued({ timeNs: 2500 }));
  const onCpu2 = { cpu: 2, task: KTHREAD };
  listener.onProgram(
    ran({ ...onCpu2, timeNs: 60_000, startNs: 59_000, hook: 'cpumap', programId: 2 }),
  );
  listener.onFate(ended('transmitted', { timeNs: 90_000, cpu: -1, target: 3 }));
}

const of = (events: readonly TraceFileEvent[], ph: string) =>
  events.filter((event) => event.ph === ph);

test('every context has a track of its own, by the name that its task has', () => {
  const named = of(trace(twoRedirects), 'M').filter(({ name }) => name !== 'process_sort_index');
  assert.equal(
    named.map(({ args }) => args!['name']),
    [
      'machine',
      'CPU 0',
      'NAPI softirq',
      'CPU 2',
      'cpumap/2/map:1',
      'outside of CPUs',
      'far ends of devices',
    ],
  );
});

test('an arrow leads from the first redirect over the next one to where the frame ended', () => {
  const arrows = trace(twoRedirects).filter(({ cat }) => cat === 'redirect');
  assert.equal(
    arrows.map(({ ph, id, ts }) => [ph, id, ts]),
    [
      ['s', 1, 1.5],
      ['t', 1, 59],
      ['f', 1, 90],
    ],
  );
  assert.equal(arrows[2]!.args, { fate: 'transmitted', target: 'eth3' });
});

test('a frame is there from its reception to its fate', () => {
  const [begin, end] = trace(twoRedirects).filter(({ cat }) => cat === 'frame');
  assert.equal([begin!.ph, begin!.ts, end!.ph, end!.ts], ['b', 1, 'e', 90]);
  assert.is(begin!.args!['device'], 'eth1');
  assert.is(end!.args!['fate'], 'transmitted');
});

test('programs are slices with what they returned, inside of the work of their context', () => {
  const slices = of(trace(twoRedirects), 'X');
  const programs = slices.filter(({ args }) => args!['hook'] !== undefined);
  assert.equal(
    programs.map(({ name, ts, dur, args }) => [name, ts, dur, args!['action']]),
    [
      ['prog1', 1.5, 0.5, 'XDP_REDIRECT'],
      ['prog2', 59, 1, 'XDP_REDIRECT'],
    ],
  );
  const work = slices.filter(({ args }) => args!['hook'] === undefined);
  assert.equal(
    work.map(({ name, ts, dur }) => [name, ts, dur]),
    [
      ['poll', 0.995, 1.01],
      ['kthread', 58.995, 1.01],
      ['wire', 89.995, 0.01],
    ],
  );
});

test('what a context does after a pause is another piece of work', () => {
  const events = trace(({ onReceive }) => {
    onReceive(received({ timeNs: 0, tag: 1 }));
    onReceive(received({ timeNs: 20_000, tag: 2 }));
    onReceive(received({ timeNs: 40_001, tag: 3 }));
  });
  assert.equal(
    of(events, 'X').map(({ args }) => args!['events']),
    [2, 1],
  );
});

test('a copy has an arrow from where it was made', () => {
  const arrows = trace((listener) => {
    listener.onReceive(received({ timeNs: 1000 }));
    listener.onClone(copied({ timeNs: 2000, tag: 9 }));
    listener.onFate(ended('transmitted', { timeNs: 3000, tag: 9, cpu: -1 }));
  }).filter(({ cat }) => cat === 'redirect');
  assert.equal(
    arrows.map(({ ph, id, ts }) => [ph, id, ts]),
    [
      ['s', 9, 2],
      ['f', 9, 3],
    ],
  );
});

test('errors, exceptions and frames that are lost are instants', () => {
  const events = trace(({ onTracepoint, onFate, onReceive }) => {
    onReceive(received({ timeNs: 0 }));
    onTracepoint(fired('xdp_redirect_err', { err: -100 }, { timeNs: 10 }));
    onTracepoint(fired('xdp_exception', { act: 0 }, { timeNs: 20 }));
    onTracepoint(fired('xdp_devmap_xmit', { err: 0, sent: 1, drops: 0 }, { timeNs: 30 }));
    onFate(ended('redirect_err_ENETDOWN', { timeNs: 40, target: 1 }));
  });
  assert.equal(
    of(events, 'i').map(({ name, s }) => [name, s]),
    [
      ['xdp_redirect_err ENETDOWN', 't'],
      ['xdp_exception', 't'],
      ['redirect_err_ENETDOWN', 't'],
    ],
  );
  assert.is(of(events, 'f').length, 0);
});

test('the depth of rings is counted, and a look that finds what is known is none', () => {
  const events = trace(({ onTracepoint }, timeline) => {
    const enqueue = { map_id: 1, processed: 8, drops: 2, to_cpu: 2 };
    onTracepoint(fired('xdp_cpumap_enqueue', enqueue, { timeNs: 1000 }));
    const wires = [{ device: 'eth2', queue: 0, used: 5, size: 8 }];
    const rings = { cpumaps: [], wires, rxQueues: [], sockets: [] };
    timeline.sample(2000, rings);
    timeline.sample(3000, rings);
  });
  assert.equal(
    of(events, 'C').map(({ name, args, ts }) => [name, args!['entries'], ts]),
    [
      ['cpus[2] queue', 6, 1],
      ['eth2 ring', 5, 2],
    ],
  );
});

test('what a socket sends and the ring of its device does not take ends there, without a fate', () => {
  const events = trace((listener) => {
    listener.onReceive(received({ tag: 1, timeNs: 1000, from: 'socket' }));
    listener.onEnqueue(enqueued({ tag: 1, timeNs: 2000, where: 'device', isTaken: false }));
    listener.onReceive(received({ tag: 2, timeNs: 3000, from: 'socket' }));
    listener.onEnqueue(enqueued({ tag: 2, timeNs: 4000, where: 'device' }));
    listener.onFate(ended('transmitted', { tag: 2, timeNs: 5000, cpu: -1, target: 1 }));
  });
  assert.equal(
    of(events, 'e').map(({ id, ts, args }) => [id, ts, args!['fate']]),
    [
      [1, 2, 'not sent'],
      [2, 5, 'transmitted'],
    ],
  );
});

test.run();
