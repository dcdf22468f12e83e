import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareMapResults } from './compareMaps.js';
import { compareRedirect } from './compareRedirect.js';
import { describeDifference } from './difference.js';
import type { RedirectEvent, RedirectExpect, Row } from './redirectTrace.js';

const enqueue = (flush: number, toCpu: number, drops = 0): RedirectEvent => {
  return { flush, ev: 'xdp_cpumap_enqueue', mapId: 'm0', processed: 8, drops, toCpu };
};

const NOTHING: RedirectExpect = {
  returns: [],
  actions: [],
  events: [],
  kthread: [],
  delivered: { devices: {}, cpumap: {}, stack: {}, sockets: {} },
};

function differenceText(
  expected: Partial<RedirectExpect>,
  found: Partial<RedirectExpect>,
): string | undefined {
  const all = [
    { ...NOTHING, ...expected },
    { ...NOTHING, ...found },
  ] as const;
  const difference = compareRedirect([2, 2], ...all);
  return difference && describeDifference(difference);
}

function deliveries(ordered: boolean, frames: number[]): Partial<RedirectExpect> {
  return { delivered: { ...NOTHING.delivered, devices: { v0: { ordered, frames } } } };
}

test('a wrong errno is reported with its line', () => {
  const difference = compareMapResults([{ errno: 0 }, { errno: 7 }], [{ errno: 0 }, { errno: 22 }]);

  assert.equal(difference, { line: 3, path: 'errno', expected: 7, found: 22 });
});

test('values are equal if their bytes are, whatever the program is called', () => {
  const expected = [{ errno: 0, value: { raw: '0100000065000000', qsize: 1, prog: 'p_cpumap' } }];
  const found = [{ errno: 0, value: { raw: '0100000065000000', qsize: 1, prog: 'other' } }];

  assert.is(compareMapResults(expected, found), undefined);
});

test('results that are missing are reported', () => {
  assert.equal(compareMapResults([{ errno: 0 }], []), {
    line: 2,
    path: '',
    expected: { errno: 0 },
    found: undefined,
  });
});

test('an event that differs in one field is reported by that field', () => {
  const text = differenceText({ events: [enqueue(0, 1, 3)] }, { events: [enqueue(0, 1, 4)] });

  assert.is(text, 'end of batch 0, events[0].drops: expected 3, found 4');
});

test('a missing event is reported with what came in its place', () => {
  const text = differenceText({ events: [enqueue(0, 1)] }, { events: [enqueue(1, 1)] });

  assert.match(
    text ?? '',
    /^end of batch 0, events\[0\]: expected .*"flush":0.*, found .*"flush":1/,
  );
});

test('of several differences the earliest on the receiving CPU is reported', () => {
  const expected = { actions: [4, 4, 4, 4], events: [enqueue(0, 1)] };

  const later = differenceText(expected, { actions: [4, 4, 1, 4], events: [enqueue(0, 0)] });
  const earlier = differenceText(expected, { actions: [4, 1, 4, 4], events: [enqueue(0, 0)] });

  assert.is(later, 'end of batch 0, events[0].toCpu: expected 1, found 0');
  assert.is(earlier, 'frame 1, actions[1]: expected 4, found 1');
});

test('an ordered delivery is compared in order, an unordered one as a multiset', () => {
  assert.is(
    differenceText(deliveries(true, [1, 2]), deliveries(true, [2, 1])),
    'frame 1, delivered.devices.v0.frames[0]: expected 1, found 2',
  );
  assert.is(differenceText(deliveries(false, [1, 2, 2]), deliveries(true, [2, 1, 2])), undefined);
  assert.is(
    differenceText(deliveries(false, [1, 2, 2]), deliveries(true, [2, 1])),
    'frame 2, delivered.devices.v0.frames[2]: expected 2, found nothing',
  );
});

test('the rows of a kthread are compared as a set, and named by what they are about', () => {
  const row = (kthread: string, sent: number): Row => ({ kthread, toIfindex: 'v0', sent });
  const detail = (...xmit: Row[]): Partial<RedirectExpect> => ({
    kthreadDetail: { programs: [], redirects: [], exceptions: [], xmit, enqueue: [] },
  });
  const expected = detail(row('m0:0', 1), row('m0:1', 2));

  assert.is(differenceText(expected, detail(row('m0:1', 2), row('m0:0', 1))), undefined);
  assert.is(
    differenceText(expected, detail(row('m0:0', 1), row('m0:1', 3))),
    'kthreadDetail.xmit[m0:1 v0].sent: expected 2, found 3',
  );
});

test.run();
