import { share } from '../../format.js';
import type { BulkSeries } from '../../series/document.js';
import { element } from './dom.js';
import { exact } from './numbers.js';
import { numberRow, numberTable } from './numberTable.js';

/** How many bulks had how many frames: full ones are what bulk queues are for. */
export function bulkTable(bulks: readonly BulkSeries[]): HTMLElement {
  const rows = bulks.map((bulk) => {
    const { label, capacity, sizes } = bulk;
    const all = sizes.reduce((sum, times) => sum + times, 0);
    const frames = sizes.reduce((sum, times, size) => sum + times * size, 0);
    return numberRow(
      label,
      exact(all),
      `${(frames / all).toFixed(2)} of ${capacity}`,
      share(sizes[capacity] ?? 0, all),
      histogram(bulk),
    );
  });
  const titles = ['bulk', 'bulks', 'frames each', 'full', 'by size'];
  return numberTable({ caption: 'Bulks by size', titles, rows });
}

/** A bar for each size from 1 up. */
function histogram({ capacity, sizes }: BulkSeries): HTMLElement {
  const most = Math.max(...sizes);
  const bars = sizes.slice(1).map((times, index) => {
    const bar = element('i', { title: `${exact(times)} bulks of ${index + 1}` });
    bar.style.setProperty('--share', String(times / most));
    return bar;
  });
  const told = sizes
    .map((times, size) => (times > 0 ? `${times} of ${size}` : ''))
    .filter(Boolean)
    .join(', ');
  const label = `Bulks by size, 1 to ${capacity}: ${told}`;
  return element('div', { class: 'histogram', role: 'img', 'aria-label': label }, ...bars);
}
