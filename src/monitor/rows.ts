import { merged, type PerCpu, totalOf } from './counts.js';
import { enqueueRows, kthreadRows } from './cpumapRows.js';
import type { Interval, View } from './interval.js';
import { type Rates, ratesOf } from './rates.js';
import { droppedRate, exceptionRows, redirectErrorRows, redirectRows } from './redirectRows.js';
import { column, cpuRows, type Row, section } from './row.js';
import { devmapXmitRows, xmitRows } from './xmitRows.js';

/** The rows of an interval in the order of xdp-tools' lib/util/xdp_sample.c:stats_print, the summary first. */
export function intervalRows(interval: Interval, view: View): Row[] {
  const { counts, seconds } = interval;
  const sections = [
    ...(view.receive ? receiveRows(interval, view) : []),
    ...sortedByNumber(counts.enqueue).flatMap(([to, perCpu]) => enqueueRows(to, perCpu, seconds)),
    ...kthreadRows(interval),
    ...(view.stats ? redirectRows(interval) : []),
    ...redirectErrorRows(interval, view),
    ...exceptionRows(interval),
    ...devmapXmitRows(interval, view),
    ...sortedByNumber(counts.xmit).flatMap(([pair, perCpu]) => {
      return xmitRows(pair, perCpu, seconds, view);
    }),
  ];
  return [summaryRow(interval, view), ...sections.filter((row) => view.extended || row.isError)];
}

function summaryRow({ counts, seconds }: Interval, { receive, stats }: View): Row {
  const rx = ratesOf(totalOf(counts.receive.get('')), seconds);
  const redirect = ratesOf(totalOf(counts.redirect.get('')), seconds);
  const xmit = ratesOf(totalOf(merged(counts.xmit.values())), seconds);
  const errors =
    droppedRate(counts.redirectErr, seconds) +
    droppedRate(counts.exception, seconds) +
    xmit.issue +
    xmit.dropped +
    (receive ? rx.issue + rx.dropped : 0);
  return {
    indent: 0,
    label: 'Summary',
    hasGap: false,
    columns: [
      ...(receive ? [column(rx.processed, 'rx/s')] : []),
      ...(stats ? [column(redirect.processed, 'redir/s')] : []),
      column(errors, 'err,drop/s'),
      column(xmit.processed, 'xmit/s'),
    ],
    isError: false,
  };
}

function receiveRows({ counts, seconds }: Interval, { extended }: View): Row[] {
  const perCpu = counts.receive.get('') ?? new Map();
  const total = ratesOf(totalOf(perCpu), seconds);
  const columns = ({ processed, dropped, issue }: Rates) => [
    column(processed, 'pkt/s'),
    column(dropped, 'drop/s'),
    column(issue, 'error/s'),
  ];
  const label = extended && total.processed > 0 ? 'receive total' : 'receive';
  return [
    section(label, columns(total), total.issue > 0 || total.dropped > 0),
    ...cpuRows(perCpu, seconds, columns),
  ];
}

/** By the numbers in the keys. */
function sortedByNumber(byKey: ReadonlyMap<string, PerCpu>): [string, PerCpu][] {
  return [...byKey].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
}
