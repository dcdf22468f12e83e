import { merged, type PerCpu, totalOf } from './counts.js';
import type { Interval, View } from './interval.js';
import { bulkAverage, type Rates, ratesOf } from './rates.js';
import { type Column, column, cpuRows, isBusy, type Row, section } from './row.js';

export function devmapXmitRows({ counts, seconds }: Interval, { extended }: View): Row[] {
  const perCpu = merged(counts.xmit.values());
  const total = ratesOf(totalOf(perCpu), seconds);
  const label = extended && total.processed > 0 ? 'devmap_xmit total' : 'devmap_xmit';
  return [
    section(label, xmitColumns(total), total.issue > 0 || total.dropped > 0),
    ...xmitCpuRows(perCpu, seconds),
  ];
}

export function xmitRows(
  pair: string,
  perCpu: PerCpu,
  seconds: number,
  { deviceName }: View,
): Row[] {
  const total = ratesOf(totalOf(perCpu), seconds);
  const names = pair.split('->').map((ifindex) => deviceName(Number(ifindex)) ?? '?');
  return [
    ...(isBusy(total)
      ? [section(`xmit ${names.join('->')}`, xmitColumns(total), total.dropped > 0)]
      : []),
    ...xmitCpuRows(perCpu, seconds),
  ];
}

function xmitColumns({ processed, dropped, issue, info }: Rates): Column[] {
  return [
    column(processed, 'xmit/s'),
    column(dropped, 'drop/s'),
    column(issue, 'drv_err/s'),
    column(bulkAverage(processed + dropped, info), 'bulk-avg', 2),
  ];
}

function xmitCpuRows(perCpu: PerCpu, seconds: number): Row[] {
  return cpuRows(perCpu, seconds, xmitColumns).map((row) => ({ ...row, indent: 5, hasGap: false }));
}
