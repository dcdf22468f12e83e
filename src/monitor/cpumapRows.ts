import { type DataRecord, type PerCpu, totalOf } from './counts.js';
import type { Interval } from './interval.js';
import { bulkAverage, type Rates, ratesOf } from './rates.js';
import { column, cpuRows, type Row, section, sorted } from './row.js';

export function enqueueRows(to: string, perCpu: PerCpu, seconds: number): Row[] {
  const total = ratesOf(totalOf(perCpu), seconds);
  const columns = ({ processed, dropped, issue }: Rates) => [
    column(processed, 'pkt/s'),
    column(dropped, 'drop/s'),
    column(bulkAverage(processed, issue), 'bulk-avg', 2),
  ];
  return [
    ...(total.processed > 0 || total.dropped > 0
      ? [section(`enqueue to cpu ${to}`, columns(total), total.dropped > 0)]
      : []),
    ...cpuRows(perCpu, seconds, columns, (cpu) => `cpu:${cpu}->${to}`),
  ];
}

export function kthreadRows({ counts, seconds }: Interval): Row[] {
  const perCpu = counts.kthread.get('') ?? new Map();
  const total = ratesOf(totalOf(perCpu), seconds);
  const columns = ({ processed, dropped, issue }: Rates) => [
    column(processed, 'pkt/s'),
    column(dropped, 'drop/s'),
    column(issue, 'sched'),
  ];
  const label = total.processed > 0 ? 'kthread total' : 'kthread';
  return [
    section(label, columns(total), total.dropped > 0),
    ...cpuRows(perCpu, seconds, columns),
    ...xdpStatsRows(perCpu, seconds),
  ];
}

/** What the programs of cpumap entries returned. */
function xdpStatsRows(perCpu: PerCpu, seconds: number): Row[] {
  const row = (record: DataRecord, place: { indent: number; label: string; isError: boolean }) => {
    const { xdpPass, xdpDrop, xdpRedirect } = ratesOf(record, seconds);
    const columns = [
      column(xdpPass, 'pass/s'),
      column(xdpDrop, 'drop/s'),
      column(xdpRedirect, 'redir/s'),
    ];
    return record.xdpPass + record.xdpDrop + record.xdpRedirect > 0
      ? [{ ...place, hasGap: true, columns }]
      : [];
  };
  const total = totalOf(perCpu);
  return [
    ...row(total, { indent: 4, label: 'xdp_stats', isError: total.xdpDrop > 0 }),
    ...sorted(perCpu).flatMap(([cpu, record]) => {
      return row(record, { indent: 6, label: `cpu:${cpu}`, isError: false });
    }),
  ];
}
