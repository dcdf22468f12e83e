import type { PageData } from '../pageData.js';
import { element, scrollBox } from './dom.js';
import { exact } from './numbers.js';

/** Exceptions in programs; each aborted its frame. */
export function faultTable(faults: PageData['faults']): HTMLElement {
  const rows = faults.map(({ program, count, message, at }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, program),
      element('td', {}, exact(count)),
      element('td', { class: 'text' }, at === undefined ? message : `${message} ${at}`),
    ),
  );
  const head = ['program', 'frames', 'exception'].map((title) =>
    element('th', { scope: 'col' }, title),
  );
  const table = element(
    'table',
    { class: 'numbers' },
    element('caption', {}, 'Exceptions in programs'),
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...rows),
  );
  return scrollBox('Exceptions in programs', table);
}
