import type { ChartSpec, TimeAxis } from './chartSpec.js';
import { element } from './dom.js';
import { exact, time } from './numbers.js';
import { numberRow, numberTable } from './numberTable.js';

/** A chart's values as a table, made when it is opened; bins in which all is zero are left out, and said to be. */
export function binTable(spec: ChartSpec, axis: TimeAxis): HTMLElement {
  const details = element('details', {}, element('summary', {}, 'The values as a table'));
  details.addEventListener('toggle', () => {
    if (details.open && details.childElementCount === 1) details.append(...contents(spec, axis));
  });
  return details;
}

function contents({ title, unit, series }: ChartSpec, axis: TimeAxis): HTMLElement[] {
  const bins = Array.from({ length: axis.bins }, (_, bin) => bin);
  const told = bins.filter((bin) => series.some(({ values }) => isTold(values[bin]!)));
  const left = axis.bins - told.length;
  const rows = told.map((bin) =>
    numberRow(time(bin * axis.binNs, axis.unit), ...series.map(({ values }) => cell(values[bin]!))),
  );
  const table = numberTable({
    caption: `${title}, ${unit}`,
    label: `${title} as a table`,
    titles: ['from', ...series.map(({ label }) => label)],
    rows,
  });
  const note =
    left === 0 ? [] : [element('p', {}, `${left} bins with nothing in them are left out`)];
  return [...note, table];
}

function isTold(value: number): boolean {
  return value !== 0 && !Number.isNaN(value);
}

function cell(value: number): string {
  return Number.isNaN(value) ? '\u2013' : exact(value);
}
