import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TraceFileEvent } from '../../../src/report/timeline/traceFile.js';
import { cli, LAN_PCAP, PACKAGE_FOLDER, runJson, withFolder } from '../support/cli.js';

const MIXED = join(PACKAGE_FOLDER, 'examples/mixed.ts');

type Timed = TraceFileEvent & { readonly ts: number };

test('the timeline of threads is one JSON array in which all that begins ends', async () => {
  await withFolder(async (folder) => {
    const file = join(folder, 'timeline.json');
    const { code, report } = await runJson([MIXED, '--pcap', LAN_PCAP, '--timeline', file]);
    assert.is(code, 0);
    const events = JSON.parse(readFileSync(file, 'utf8')) as TraceFileEvent[];
    const ids = (ph: string) =>
      events.flatMap((event) => (event.ph === ph ? [event.id!] : [])).sort((a, b) => a - b);
    assert.is(ids('b').length, report.frames.received);
    assert.equal(ids('e'), ids('b'));
    assert.equal(ids('f'), ids('s'));
    assert.ok(ids('s').length > 1000);
    assert.ok(ids('t').every((id) => ids('s').includes(id)));
    // One line for each event, none of it long.
    const bytes = readFileSync(file).length;
    assert.ok(bytes / report.frames.received < 2000, `${bytes} bytes`);
  });
});

/** The rules of the Trace Event Format that the types do not say. */
test('tracks are named before they are used, and nothing ends before it begins', async () => {
  await withFolder(async (folder) => {
    const file = join(folder, 'timeline.json');
    const run = ['examples/broadcast-switch.ts', '--pcap', LAN_PCAP, '--timeline', file];
    assert.is((await cli(['run', ...run])).code, 0);
    const events = JSON.parse(readFileSync(file, 'utf8')) as Timed[];
    const named = new Set<string>();
    const since = new Map<string, number>();
    for (const { ph, pid, tid, ts, id, dur, args } of events) {
      const track = `${pid} ${tid ?? 'process'}`;
      if (ph === 'M') {
        named.add(track);
        continue;
      }
      assert.ok(named.has(track), `${ph} on ${track}`);
      assert.ok(Number.isFinite(ts) && ts >= 0, `${ph} at ${ts}`);
      if (ph === 'X') assert.ok(dur! >= 0);
      if (ph === 'C') assert.ok(Object.values(args!).every((value) => Number(value) >= 0));
      const kind = 'be'.includes(ph) ? 'frame' : 'arrow';
      const key = `${kind} ${id}`;
      if ('bs'.includes(ph)) assert.not(since.has(key), `${key} begins twice`);
      if ('etf'.includes(ph)) assert.ok(ts >= since.get(key)!, `${key} ends at ${ts}`);
      if ('bst'.includes(ph)) since.set(key, ts);
    }
    assert.ok(named.size >= 4);
  });
});

test('slices of a track nest, and every arrow has a slice at both ends', async () => {
  await withFolder(async (folder) => {
    const file = join(folder, 'timeline.json');
    assert.is((await cli(['run', MIXED, '--pcap', LAN_PCAP, '--timeline', file])).code, 0);
    const events = JSON.parse(readFileSync(file, 'utf8')) as Timed[];
    const tracks = new Map<string, Timed[]>();
    for (const event of events) {
      if (!'Xstf'.includes(event.ph)) continue;
      const key = `${event.pid} ${event.tid}`;
      tracks.set(key, [...(tracks.get(key) ?? []), event]);
    }
    assert.ok(tracks.size >= 5);
    for (const track of tracks.values()) checkTrack(track);
  });
});

/** In whole nanoseconds, so that sums are exact. */
const ns = (microseconds: number) => Math.round(microseconds * 1000);

function checkTrack(track: readonly Timed[]): void {
  const slices = track
    .filter(({ ph }) => ph === 'X')
    .map(({ ts, dur }) => ({ start: ns(ts), end: ns(ts) + ns(dur!) }))
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const open: number[] = [];
  for (const { start, end } of slices) {
    while (open.length > 0 && open.at(-1)! <= start) open.pop();
    if (open.length > 0) assert.ok(end <= open.at(-1)!, `${start} to ${end} in ${open.at(-1)}`);
    open.push(end);
  }
  for (const { ph, ts } of track) {
    if (ph === 'X') continue;
    const at = ns(ts);
    assert.ok(
      slices.some(({ start, end }) => start <= at && at <= end),
      `${ph} at ${ts}`,
    );
  }
}

test('a timeline that cannot be written is said before anything runs', async () => {
  const { code, stdout, stderr } = await cli([
    'run',
    MIXED,
    '--timeline',
    '/none/there.json',
    '--pcap',
    LAN_PCAP,
  ]);
  assert.is(code, 2);
  assert.is(stdout, '');
  assert.match(stderr, 'ENOENT');
});

test('a timeline whose disk is full ends a run that has no end', async () => {
  if (!existsSync('/dev/full')) return;
  const endless = ['run', MIXED, '--traffic', 'flows=10', '--timeline', '/dev/full'];
  const { code, stderr } = await cli(endless);
  assert.is(code, 2);
  assert.match(stderr, /^xdpemu: \/dev\/full: cannot be written: ENOSPC.*\n$/);
});

test.run();
