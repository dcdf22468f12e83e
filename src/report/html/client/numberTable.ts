import { element, scrollBox } from './dom.js';

interface NumberTableInput {
  readonly caption: string;
  /** What the box that scrolls is called, where the caption says more than its name. */
  readonly label?: string;
  readonly titles: readonly string[];
  readonly rows: readonly HTMLElement[];
}

/** A table of numbers as it stands, in a box that scrolls. */
export function numberTable({ caption, label, titles, rows }: NumberTableInput): HTMLElement {
  const heads = titles.map((title) => element('th', { scope: 'col' }, title));
  const table = element(
    'table',
    { class: 'numbers' },
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...rows),
  );
  return scrollBox(label ?? caption, table);
}

/** A row of it: what it is about, then a cell for each of the other titles. */
export function numberRow(name: string, ...cells: readonly (Node | string)[]): HTMLElement {
  const own = cells.map((cell) =>
    cell instanceof HTMLTableCellElement ? cell : element('td', {}, cell),
  );
  return element('tr', {}, element('th', { scope: 'row' }, name), ...own);
}
