/** Series that a chart shows at most: more cannot be told apart. */
export const SHOWN_MAX = 8;

interface Labelled {
  readonly label: string;
  readonly values: readonly number[];
  readonly isRest?: boolean | undefined;
  readonly target?: string | undefined;
}

export interface ShownSeries {
  readonly label: string;
  /** What it is about: the label, if that is not more than the target's name. */
  readonly target: string;
  readonly values: readonly number[];
  readonly isRest: boolean;
}

/** The first series, which are the greatest, and the sum of the others as one. */
export function topSeries(all: readonly Labelled[]): ShownSeries[] {
  const own = all.filter(({ isRest }) => !isRest);
  const fits = all.length <= SHOWN_MAX;
  const shown = own.slice(0, fits ? own.length : SHOWN_MAX - 1);
  const others = all.slice(shown.length);
  const top = shown.map(({ label, target = label, values }) => {
    return { label, target, values, isRest: false };
  });
  if (others.length === 0) return top;
  const label = restLabel(others);
  return [...top, { label, target: label, values: sumOf(others), isRest: true }];
}

/** How many there are is not known where the run itself stopped telling them apart. */
function restLabel(others: readonly Labelled[]): string {
  const known = others.filter(({ isRest }) => !isRest).length;
  if (known === others.length) return `other (${known})`;
  return known === 0 ? 'other' : `other (${known} and more)`;
}

function sumOf(series: readonly Labelled[]): number[] {
  const sum = series[0]!.values.map(() => 0);
  for (const { values } of series) {
    values.forEach((value, index) => {
      sum[index] = sum[index]! + value;
    });
  }
  return sum;
}
