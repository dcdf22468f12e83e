import type { TimeUnit } from './numbers.js';
import type { ShownSeries } from './topSeries.js';

/** The bins of all charts. */
export interface TimeAxis {
  readonly bins: number;
  readonly binNs: number;
  readonly unit: TimeUnit;
}

/** What a chart over time shows. */
export interface ChartSpec {
  readonly title: string;
  /** Of the values. */
  readonly unit: string;
  /** What has to be known to read it. */
  readonly note?: string;
  /** Values that add up to something are stacked; those of bins that have nothing to do with the next are dots. */
  readonly shape: 'stack' | 'lines' | 'dots';
  /** All with one value for each bin; NaN where there is none. */
  readonly series: readonly ShownSeries[];
}

/** Curves from the bottom up: each is the sum of those below it that are shown, and of itself. */
export function stacked(
  series: readonly ShownSeries[],
  isShown: (index: number) => boolean,
): number[][] {
  const below = (series[0]?.values ?? []).map(() => 0);
  return series.map(({ values }, index) => {
    if (!isShown(index)) return [...below];
    values.forEach((value, bin) => {
      below[bin] = below[bin]! + value;
    });
    return [...below];
  });
}
