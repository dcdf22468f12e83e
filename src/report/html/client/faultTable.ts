import type { PageData } from '../pageData.js';
import { element } from './dom.js';
import { exact } from './numbers.js';
import { numberRow, numberTable } from './numberTable.js';

/** Exceptions in programs; each aborted its frame. */
export function faultTable(faults: PageData['faults']): HTMLElement {
  const rows = faults.map(({ program, count, message, at }) => {
    const text = at === undefined ? message : `${message} ${at}`;
    return numberRow(program, exact(count), element('td', { class: 'text' }, text));
  });
  const titles = ['program', 'frames', 'exception'];
  return numberTable({ caption: 'Exceptions in programs', titles, rows });
}
