import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { totalsText } from '../../src/monitor/text.js';
import { RunningTotals } from '../../src/monitor/totals.js';
import { countsOf } from './support/tallies.js';

const counts = countsOf(
  ['receive', '', 0, { processed: 3000, dropped: 5, issue: 1 }],
  ['redirect', '', 0, { processed: 1000 }],
  ['redirectErr', 'EINVAL', 0, { dropped: 20 }],
  ['exception', 'XDP_ABORTED', 1, { dropped: 300 }],
  ['xmit', '2->3', 0, { processed: 700, dropped: 4, issue: 4000, info: 100 }],
);

function lines(view: { stats: boolean; receive: boolean }, seconds: number, times = 1): string[] {
  const totals = new RunningTotals(view);
  for (let n = 0; n < times; n++) totals.add(counts);
  return totalsText(totals.now, seconds).split('\n').slice(0, -1);
}

test('the last lines are frames of all intervals, and averages over the whole time', () => {
  assert.equal(lines({ stats: true, receive: true }, 4, 2), [
    '  Duration            : 4.0s',
    '  Packets received    : 6,000     ',
    '  Average packets/s   : 1,500     ',
    '  Packets redirected  : 2,000     ',
    '  Average redir/s     : 500       ',
    '  Rx dropped          : 10        ',
    '  Tx dropped          : 8         ',
    '  Errors recorded     : 8,642     ',
    '  Packets transmitted : 1,400     ',
    '  Average transmit/s  : 350       ',
  ]);
});

test('what was not asked for is not added up', () => {
  assert.equal(lines({ stats: false, receive: false }, 2), [
    '  Duration            : 2.0s',
    '  Tx dropped          : 4         ',
    '  Errors recorded     : 4,320     ',
    '  Packets transmitted : 700       ',
    '  Average transmit/s  : 350       ',
  ]);
});

test('a run of no frames has a duration', () => {
  const { now } = new RunningTotals({ stats: true, receive: true });
  assert.is(totalsText(now, 0), '  Duration            : 0.0s\n');
});

test.run();
