import { type PerCpu, totalOf } from './counts.js';
import type { Interval, View } from './interval.js';
import { type Rates, ratesOf } from './rates.js';
import { column, cpuRows, type Row, section, sorted } from './row.js';
import { errnoNames, exceptionNames } from './tracepointCounts.js';

export function redirectRows({ counts, seconds }: Interval): Row[] {
  const perCpu = counts.redirect.get('') ?? new Map();
  const total = ratesOf(totalOf(perCpu), seconds);
  const columns = ({ processed }: Rates) => [column(processed, 'redir/s')];
  return [
    section(total.processed > 0 ? 'redirect total' : 'redirect', columns(total), false),
    ...cpuRows(perCpu, seconds, columns),
  ];
}

export function redirectErrorRows({ counts, seconds }: Interval, { extended }: View): Row[] {
  const errors = droppedRate(counts.redirectErr, seconds);
  const total = extended && errors > 0 ? ' total' : '';
  return [
    section(`redirect_err${total}`, [column(errors, 'error/s')], errors > 0),
    ...errnoNames.flatMap((name) => {
      return causeRows(`${name}${total}`, counts.redirectErr.get(name), seconds);
    }),
  ];
}

export function exceptionRows({ counts, seconds }: Interval): Row[] {
  const hits = droppedRate(counts.exception, seconds);
  const label = hits > 0 ? 'xdp_exception total' : 'xdp_exception';
  return [
    section(label, [column(hits, 'hit/s')], hits > 0),
    ...exceptionNames.flatMap((name) => causeRows(name, counts.exception.get(name), seconds)),
  ];
}

/** What went wrong for one reason. */
function causeRows(label: string, perCpu: PerCpu | undefined, seconds: number): Row[] {
  const columns = (rate: number) => [column(rate, 'error/s')];
  const { dropped: rate } = ratesOf(totalOf(perCpu), seconds);
  if (rate === 0) return [];
  return [
    { indent: 4, label, hasGap: true, columns: columns(rate), isError: true },
    ...sorted(perCpu!).flatMap(([cpu, record]) => {
      const own = ratesOf(record, seconds).dropped;
      if (own === 0) return [];
      const place = { indent: 7, label: `cpu:${cpu}`, hasGap: false, isError: false };
      return [{ ...place, columns: columns(own) }];
    }),
  ];
}

/** The tool adds up what it has rounded. */
export function droppedRate(byCause: ReadonlyMap<string, PerCpu>, seconds: number): number {
  let sum = 0;
  for (const perCpu of byCause.values()) sum += ratesOf(totalOf(perCpu), seconds).dropped;
  return sum;
}
