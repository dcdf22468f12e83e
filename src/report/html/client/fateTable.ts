import { share } from '../../format.js';
import type { PageFate } from '../pageData.js';
import { element } from './dom.js';
import { exact, type TimeUnit, time } from './numbers.js';
import { SearchTable, type TableColumn } from './searchTable.js';

/** What became of the frames, by fate and by where it happened. */
export function fateTable(fates: readonly PageFate[], unit: TimeUnit): HTMLElement {
  const all = fates.reduce((sum, { frames }) => sum + frames, 0);
  const number = (title: string, key: (row: PageFate) => number): TableColumn<PageFate> => ({
    title,
    isNumber: true,
    key,
    cell: (row) => exact(key(row)),
  });
  const when = (title: string, key: (row: PageFate) => number): TableColumn<PageFate> => ({
    ...number(title, key),
    cell: (row) => time(key(row), unit),
  });
  const columns: TableColumn<PageFate>[] = [
    { title: 'Fate', key: ({ fate }) => fate, cell: fateCell },
    { title: 'Where', key: ({ target }) => target, cell: ({ target }) => target },
    number('Frames', ({ frames }) => frames),
    {
      ...number('Share', ({ frames }) => frames),
      cell: ({ frames }) => share(frames, all),
    },
    number('Bytes', ({ bytes }) => bytes),
    when('First', ({ firstNs }) => firstNs),
    when('Last', ({ lastNs }) => lastNs),
    { title: 'What it means', key: ({ text }) => text, cell: meaningCell },
  ];
  return new SearchTable({
    caption: 'Fates',
    columns,
    rows: fates,
    text: ({ fate, target, text, hints }) => [fate, target, text, ...hints].join(' '),
  }).node;
}

/** A fate's name, marked where it is not delivery. */
export function fateCell({
  fate,
  isDelivered,
}: Pick<PageFate, 'fate' | 'isDelivered'>): HTMLElement {
  return element('span', { class: isDelivered ? 'fate' : 'fate lost' }, fate);
}

function meaningCell({ text, hints }: PageFate): HTMLElement {
  const list = hints.map((hint) => element('li', {}, hint));
  return element('div', {}, text, ...(list.length > 0 ? [element('ul', {}, ...list)] : []));
}
