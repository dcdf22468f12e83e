import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { View } from '../../src/monitor/interval.js';
import { intervalRows } from '../../src/monitor/rows.js';
import { intervalText } from '../../src/monitor/text.js';
import { type Counted, countsOf } from './support/tallies.js';

/** What the tool printed on a real kernel. */
function recorded(name: string): string {
  return readFileSync(
    new URL(`../../../test/fixtures/monitor/${name}.txt`, import.meta.url),
    'utf8',
  );
}

const VIEW: View = {
  extended: true,
  stats: true,
  receive: false,
  deviceName: (ifindex) => ({ 2: 'eth0', 4: 'port0' })[ifindex],
};

function shown(seconds: number, view: Partial<View>, ...counted: readonly Counted[]): string {
  const all = { ...VIEW, ...view };
  return intervalText(intervalRows({ seconds, counts: countsOf(...counted) }, all), all);
}

/** Label and columns of the row that begins with `label`, with single blanks. */
function row(text: string, label: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim().replace(/ +/g, ' '));
  return lines.find((line) => line.startsWith(label));
}

test('the long form is what xdp-monitor printed of the same counts on Linux 6.18', () => {
  const text = shown(
    1,
    {},
    ['enqueue', '1', 0, { processed: 10_115, dropped: 40, issue: 10_115 }],
    [
      'kthread',
      '',
      1,
      { processed: 10_075, issue: 2103, xdpPass: 3372, xdpDrop: 3347, xdpRedirect: 3356 },
    ],
    ['redirect', '', 0, { processed: 20_230 }],
    ['redirect', '', 1, { processed: 3356 }],
    ['redirectErr', 'EOPNOTSUPP', 0, { dropped: 10_115 }],
    ['redirectErr', 'EINVAL', 0, { dropped: 10_115 }],
    ['redirectErr', 'Unknown', 0, { dropped: 10_115 }],
    ['exception', 'XDP_UNKNOWN', 0, { dropped: 10_109 }],
    ['exception', 'XDP_ABORTED', 0, { dropped: 10_115 }],
    ['xmit', '2->4', 0, { processed: 10_115, info: 10_115 }],
    ['xmit', '2->4', 1, { processed: 3356, info: 1161 }],
  );
  assert.is(text, recorded('extended'));
});

test('the short form is what xdp-monitor printed of the same counts on Linux 6.18', () => {
  const text = shown(
    1,
    { extended: false },
    ['enqueue', '1', 0, { processed: 14_783, dropped: 152, issue: 14_783 }],
    ['kthread', '', 1, { processed: 14_632, xdpPass: 4880, xdpDrop: 4880, xdpRedirect: 4872 }],
    ['redirect', '', 0, { processed: 29_567 }],
    ['redirect', '', 1, { processed: 4872 }],
    ['redirectErr', 'Unknown', 0, { dropped: 14_783 }],
    ['redirectErr', 'EINVAL', 0, { dropped: 14_783 }],
    ['redirectErr', 'EOPNOTSUPP', 0, { dropped: 14_783 }],
    ['exception', 'XDP_ABORTED', 0, { dropped: 14_783 }],
    ['exception', 'XDP_UNKNOWN', 0, { dropped: 14_783 }],
    ['xmit', '2->4', 0, { processed: 19_655, info: 14_783 }],
  );
  assert.is(text, recorded('short'));
});

test('rates are per second of the interval, rounded half up', () => {
  const text = shown(
    0.4,
    { receive: true },
    ['receive', '', 0, { processed: 1001, dropped: 1, issue: 3 }],
    ['enqueue', '3', 1, { processed: 21, dropped: 1, issue: 3 }],
  );
  assert.is(row(text, 'Summary'), 'Summary 2,503 rx/s 0 redir/s 11 err,drop/s 0 xmit/s');
  assert.is(row(text, 'receive'), 'receive total 2,503 pkt/s 3 drop/s 8 error/s');
  assert.is(row(text, 'cpu:1->3'), 'cpu:1->3 53 pkt/s 3 drop/s 6.63 bulk-avg');
});

test('an interval of no length has rates of 0', () => {
  const text = shown(0, {}, ['redirectErr', 'EINVAL', 0, { dropped: 7 }]);
  assert.is(row(text, 'Summary'), 'Summary 0 redir/s 0 err,drop/s 0 xmit/s');
});

test('an interval without errors is one line in the short form', () => {
  const text = shown(
    1,
    { extended: false, stats: false },
    ['enqueue', '1', 0, { processed: 8, issue: 1 }],
    ['xmit', '2->4', 0, { processed: 8, info: 1 }],
  );
  const columns = `${'0'.padStart(10)} err,drop/s   ${'8'.padStart(10)} xmit/s       `;
  assert.is(text, `Summary                ${columns}\n`);
});

test('dropped transmissions are errors: the short form shows all and the pair', () => {
  const text = shown(
    1,
    { extended: false },
    ['xmit', '2->4', 0, { processed: 24, dropped: 16, issue: 1, info: 4 }],
    ['xmit', '4->2', 0, { processed: 16, info: 1 }],
  );
  assert.is(row(text, 'devmap_xmit'), 'devmap_xmit 40 xmit/s 16 drop/s 1 drv_err/s 11.20 bulk-avg');
  assert.is(row(text, 'xmit'), 'xmit eth0->port0 24 xmit/s 16 drop/s 1 drv_err/s 10.00 bulk-avg');
  assert.is(row(text, 'xmit port0'), undefined);
  assert.is(row(text, 'Summary'), 'Summary 0 redir/s 17 err,drop/s 40 xmit/s');
});

test('CPUs and pairs stand in numeric order, and a device that is gone is a question mark', () => {
  const text = shown(
    1,
    {},
    ['enqueue', '10', 0, { processed: 1, issue: 1 }],
    ['enqueue', '9', 11, { processed: 1, issue: 1 }],
    ['enqueue', '9', 2, { processed: 1, issue: 1 }],
    ['xmit', '10->2', 0, { processed: 1, info: 1 }],
    ['xmit', '2->10', 0, { processed: 1, info: 1 }],
  );
  const labels = text.split('\n').map((line) => line.slice(0, 23).trim());
  assert.equal(
    labels.filter((label) => /->|^enqueue/.test(label)),
    [
      'enqueue to cpu 9',
      'cpu:2->9',
      'cpu:11->9',
      'enqueue to cpu 10',
      'cpu:0->10',
      'xmit eth0->?',
      'xmit ?->eth0',
    ],
  );
});

test('a label that is too long for its place is followed by a blank', () => {
  const deviceName = () => 'a_long_name0';
  const text = shown(1, { deviceName }, ['xmit', '2->4', 0, { processed: 1, info: 1 }]);
  assert.match(text, /^ {2}xmit a_long_name0->a_long_name0 {10}1 xmit\/s/m);
});

test.run();
