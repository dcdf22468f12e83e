import { element, scrollBox } from './dom.js';
import { exact } from './numbers.js';
import { found, sorted } from './rows.js';

export interface TableColumn<T> {
  readonly title: string;
  readonly isNumber?: boolean;
  cell(row: T): Node | string;
  /** What the column is sorted by. */
  key(row: T): number | string;
}

interface TableInput<T> {
  readonly caption: string;
  readonly columns: readonly TableColumn<T>[];
  readonly rows: readonly T[];
  /** What is searched in. */
  text(row: T): string;
}

/** Rows that are put into the page before somebody asks for all. */
const VIEW_MAX = 50;

/** A table that can be searched and sorted. On a narrow page each row is a card: cells say what they are. */
export class SearchTable<T> {
  readonly node: HTMLElement;
  readonly #input: TableInput<T>;
  readonly #body = element('tbody');
  readonly #status = element('p', { role: 'status' });
  readonly #all = element('button', { type: 'button' }, 'Show all');
  readonly #heads: HTMLElement[];
  #query = '';
  #order: { readonly column: number; readonly isDescending: boolean } | undefined;
  #viewMax = VIEW_MAX;

  constructor(input: TableInput<T>) {
    this.#input = input;
    const search = element('input', { type: 'search', placeholder: 'Search', spellcheck: 'false' });
    search.addEventListener('input', () => {
      this.#query = search.value;
      this.#fill();
    });
    this.#all.addEventListener('click', () => {
      this.#viewMax = Number.POSITIVE_INFINITY;
      this.#fill();
    });
    this.#heads = input.columns.map((column, index) => this.#head(column, index));
    const table = element(
      'table',
      { class: 'search-table' },
      element('caption', {}, input.caption),
      element('thead', {}, element('tr', {}, ...this.#heads)),
      this.#body,
    );
    const label = element('label', {}, `Search ${input.caption.toLowerCase()} `, search);
    const bar = element('div', { class: 'bar' }, label, this.#status, this.#all);
    this.node = element('div', { class: 'search' }, bar, scrollBox(input.caption, table));
    this.#fill();
  }

  #head({ title, isNumber }: TableColumn<T>, index: number): HTMLElement {
    const button = element('button', { type: 'button' }, title);
    button.addEventListener('click', () => {
      const isSame = this.#order?.column === index;
      // Numbers are looked at from the greatest down.
      const isDescending = isSame ? !this.#order!.isDescending : isNumber === true;
      this.#order = { column: index, isDescending };
      this.#fill();
    });
    return element('th', { scope: 'col', ...(isNumber && { class: 'number' }) }, button);
  }

  #fill(): void {
    const { rows, columns, text } = this.#input;
    const matching = found(rows, this.#query, text);
    const order = this.#order;
    const inOrder =
      order === undefined
        ? matching
        : sorted(matching, columns[order.column]!.key, order.isDescending);
    this.#heads.forEach((head, index) => {
      const isSorted = order?.column === index;
      const direction = order?.isDescending ? 'descending' : 'ascending';
      head.setAttribute('aria-sort', isSorted ? direction : 'none');
    });
    const viewed = inOrder.slice(0, this.#viewMax);
    this.#body.replaceChildren(...viewed.map((row) => this.#row(row)));
    this.#all.hidden = viewed.length === matching.length;
    const view = this.#all.hidden ? '' : `, the first ${exact(viewed.length)} are shown`;
    this.#status.textContent = `${exact(matching.length)} of ${exact(rows.length)} rows${view}`;
  }

  #row(row: T): HTMLElement {
    return element(
      'tr',
      {},
      ...this.#input.columns.map(({ title, isNumber, cell }) =>
        element('td', { 'data-label': title, ...(isNumber && { class: 'number' }) }, cell(row)),
      ),
    );
  }
}
