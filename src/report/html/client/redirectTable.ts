import type { RedirectMatrix } from '../../series/document.js';
import { element, scrollBox } from './dom.js';
import { exact, short } from './numbers.js';

/** Rows and columns that are shown at most; the others are summed up. */
const LINES_MAX = 40;
const REST = 'other';
const ARROW = ' \u2192 ';

/** Who redirected to whom: a row for each source, a column for each target, darker where there is more. */
export function redirectTable({ cells, rest }: RedirectMatrix): HTMLElement[] {
  if (cells.length === 0) return [element('p', {}, 'No frame was redirected.')];
  const sources = greatest(cells.map(({ from, frames, errors }) => [from, frames + errors]));
  const targets = greatest(cells.map(({ to, frames, errors }) => [to, frames + errors]));
  const sums = new Map<string, { frames: number; errors: number }>();
  for (const { from, to, frames, errors } of cells) {
    const key = `${sources.has(from) ? from : REST}\0${targets.has(to) ? to : REST}`;
    const sum = sums.get(key) ?? { frames: 0, errors: 0 };
    sums.set(key, { frames: sum.frames + frames, errors: sum.errors + errors });
  }
  const most = Math.max(...[...sums.values()].map(({ frames, errors }) => frames + errors));
  const columns = [...targets];
  const rows = [...sources].map((from) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, from),
      ...columns.map((to) => cell(sums.get(`${from}\0${to}`), most)),
    ),
  );
  const head = ['from \\ to', ...columns].map((name) =>
    element('th', { scope: 'col' }, ...lines(name)),
  );
  const table = element(
    'table',
    { class: 'matrix' },
    element('caption', {}, 'Redirected frames; failed ones after the cross'),
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...rows),
  );
  const box = scrollBox('Who redirected to whom', table);
  if (rest === 0) return [box];
  return [
    box,
    element('p', {}, `${exact(rest)} more, between pairs that came too late to be told apart`),
  ];
}

/** A map's entry and whom it leads to. */
function lines(name: string): (Node | string)[] {
  const [entry, target] = name.split(ARROW);
  return target === undefined ? [name] : [entry!, element('br'), `\u2192\u00a0${target}`];
}

/** The names with the greatest sums, and the rest as one where there are more. */
function greatest(entries: readonly (readonly [string, number])[]): Set<string> {
  const sums = new Map<string, number>();
  for (const [name, frames] of entries) sums.set(name, (sums.get(name) ?? 0) + frames);
  const sorted = [...sums].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  if (sorted.length <= LINES_MAX) return new Set(sorted.sort(byName));
  return new Set([...sorted.slice(0, LINES_MAX - 1).sort(byName), REST]);
}

function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function cell(
  sum: { readonly frames: number; readonly errors: number } | undefined,
  most: number,
): HTMLElement {
  if (sum === undefined) return element('td', { class: 'none' }, '\u00b7');
  const { frames, errors } = sum;
  const failed = errors === 0 ? '' : `${frames === 0 ? '' : ' '}\u2715\u00a0${short(errors)}`;
  const title = `${exact(frames)} redirected, ${exact(errors)} failed`;
  const made = element('td', { title }, frames === 0 ? failed : `${short(frames)}${failed}`);
  made.style.setProperty('--share', String(Math.sqrt((frames + errors) / most)));
  if (errors > 0) made.classList.add('failed');
  return made;
}
