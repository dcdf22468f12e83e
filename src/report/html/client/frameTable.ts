import type { PageFrame, PageFrames } from '../pageData.js';
import { element } from './dom.js';
import { fateCell } from './fateTable.js';
import { exact, type TimeUnit, time } from './numbers.js';
import { SearchTable, type TableColumn } from './searchTable.js';

/** Single frames of the ledger with the way that each went. */
export function frameSection({ rows, total }: PageFrames, unit: TimeUnit): HTMLElement[] {
  const columns: TableColumn<PageFrame>[] = [
    { title: 'Frame', isNumber: true, key: ({ frame }) => frame, cell: ({ frame }) => frame },
    { title: 'At', isNumber: true, key: ({ atNs }) => atNs, cell: ({ atNs }) => time(atNs, unit) },
    { title: 'Flow', key: ({ flow }) => flow, cell: ({ flow }) => flow },
    {
      title: 'Bytes',
      isNumber: true,
      key: ({ length }) => length,
      cell: ({ length }) => exact(length),
    },
    { title: 'Fate', key: ({ fate }) => fate, cell: fateCell },
    { title: 'Way', key: ({ way }) => way, cell: ({ way }) => way },
  ];
  const table = new SearchTable({
    caption: 'Frames',
    columns,
    rows,
    text: ({ frame, flow, way }) => `${frame} ${flow} ${way}`,
  });
  const here =
    rows.length === total
      ? 'Every frame of the ledger.'
      : `${exact(rows.length)} of ${exact(total)} frames, those that were not delivered first; the ledger has all.`;
  return [element('p', {}, `${here} xdpemu why tells a frame's way in full.`), table.node];
}
