import { type Difference, findDeviation, joinPath } from './difference.js';
import { groupBy } from './groupBy.js';
import type { Row } from './redirectTrace.js';

/**
 * Compares two lists whose order says nothing: the first row of `expected` without its equal in `found`, else the first
 * that was found in excess. `keys`: the members that say what a row is about, by which an almost equal row is known.
 */
export function compareRows(
  list: string,
  keys: readonly string[],
  expected: readonly Row[],
  found: readonly Row[],
): Difference | undefined {
  const missing = without(expected, found);
  const excess = without(found, expected);
  const [lacking] = missing;
  const row = lacking ?? excess[0];
  if (row === undefined) return undefined;
  const subject = keys.filter((key) => key in row).map((key) => row[key]);
  const path = `${list}[${subject.join(' ')}]`;
  const place = typeof row['seq'] === 'number' ? { frame: row['seq'] } : {};
  const twin = lacking && excess.find((other) => keys.every((key) => other[key] === row[key]));
  const deviation = twin && findDeviation(lacking, twin);
  if (deviation) return { ...place, ...deviation, path: joinPath(path, deviation.path) };
  return { ...place, path, expected: lacking, found: lacking ? undefined : row };
}

/** `rows` less their equals in `others`, one for one. */
function without(rows: readonly Row[], others: readonly Row[]): Row[] {
  const left = groupBy(others, canonical);
  return rows.filter((row) => left.get(canonical(row))?.pop() === undefined);
}

function canonical(row: Row): string {
  return JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
