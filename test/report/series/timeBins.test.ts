import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CountSeries } from '../../../src/report/series/countSeries.js';
import { DepthSeries } from '../../../src/report/series/depthSeries.js';
import { BINS_MAX, TimeBins } from '../../../src/report/series/timeBins.js';

const FIRST_BIN_NS = 100_000;
const ring = (label: string) => ({ label, target: 'eth0', size: 16 });

test('bins begin with the first event, and an event from before it is in the first bin', () => {
  const bins = new TimeBins();
  assert.is(bins.used, 0);
  assert.is(bins.indexOf(5e6), 0);
  assert.is(bins.indexOf(5e6 + FIRST_BIN_NS), 1);
  assert.is(bins.indexOf(4e6), 0);
  assert.is(bins.startNs, 5e6);
  assert.is(bins.used, 2);
});

test('a run that outgrows the bins keeps every count, in bins of twice the width', () => {
  const bins = new TimeBins();
  const counts = new CountSeries(bins);
  for (let bin = 0; bin < BINS_MAX; bin++) counts.add('a', bin * FIRST_BIN_NS, bin);
  assert.is(bins.used, BINS_MAX);
  counts.add('a', BINS_MAX * FIRST_BIN_NS, 7);
  assert.is(bins.binNs, 2 * FIRST_BIN_NS);
  assert.is(bins.used, BINS_MAX / 2 + 1);
  const { values, total } = counts.series()[0]!;
  assert.equal(values.slice(0, 3), [0 + 1, 2 + 3, 4 + 5]);
  assert.is(values.at(-1), 7);
  assert.is(total, (BINS_MAX * (BINS_MAX - 1)) / 2 + 7);
});

test('an hour fits as well, however late its events come', () => {
  const bins = new TimeBins();
  const counts = new CountSeries(bins);
  counts.add('a', 0, 1);
  counts.add('a', 3600e9, 1);
  const { values, total } = counts.series()[0]!;
  assert.ok(values.length <= BINS_MAX);
  assert.is(total, 2);
});

test('things past the bound are counted together', () => {
  const counts = new CountSeries(new TimeBins(), 2);
  for (const key of ['a', 'b', 'c', 'd', 'b']) counts.add(key, 0, 1);
  assert.equal(
    counts.series().map(({ label, total, isRest }) => [label, total, isRest === true]),
    [
      ['b', 2, false],
      ['a', 1, false],
      ['other', 2, true],
    ],
  );
});

test('a ring keeps the depth that was heard of last, and a merged bin the deepest', () => {
  const bins = new TimeBins();
  const depths = new DepthSeries(bins);
  depths.add(ring('r'), 0, 3);
  depths.add(ring('r'), 0, 9);
  depths.add(ring('r'), 0, 2);
  depths.add(ring('r'), 3 * FIRST_BIN_NS, 1);
  assert.equal(depths.series()[0]!.values, [9, 2, 2, 1]);
  depths.add(ring('r'), BINS_MAX * FIRST_BIN_NS, 4);
  assert.equal(depths.series()[0]!.values.slice(0, 3), [9, 1, 1]);
});

test('looking at a ring after the last event makes the run no longer', () => {
  const bins = new TimeBins();
  const depths = new DepthSeries(bins);
  depths.add(ring('r'), 0, 1);
  depths.addSample(ring('r'), 50 * FIRST_BIN_NS, 5);
  assert.is(bins.used, 1);
  assert.equal(depths.series()[0]!.values, [1]);
});

test.run();
