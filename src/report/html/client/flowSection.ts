import { share } from '../../format.js';
import type { FlowSpread } from '../../series/document.js';
import { element } from './dom.js';
import { exact } from './numbers.js';
import { numberRow, numberTable } from './numberTable.js';
import { SearchTable, type TableColumn } from './searchTable.js';

type FlowRow = FlowSpread['flows'][number];

/** How the flows are spread over the CPUs, and those that are on more than one: their frames may overtake each other. */
export function flowSection({ flows, rest }: FlowSpread): HTMLElement[] {
  if (flows.length === 0) return [element('p', {}, 'No frame was of an IP flow.')];
  const torn = flows.filter((flow) => cpusOf(flow).length > 1).length;
  const untold = rest.reduce((sum, frames) => sum + frames, 0);
  const facts = [
    `${exact(flows.length)} flows`,
    torn === 0
      ? 'each on one CPU'
      : `${exact(torn)} on more than one CPU: their frames may overtake each other`,
    ...(untold === 0
      ? []
      : [`${exact(untold)} frames of flows that came too late to be told apart`]),
  ];
  return [element('p', {}, facts.join('; ')), cpuTable(flows, rest), flowTable(flows)];
}

function cpusOf({ cpus }: FlowRow): string[] {
  return cpus.flatMap((frames, cpu) => (frames > 0 ? [`${cpu}: ${exact(frames)}`] : []));
}

function cpuTable(flows: readonly FlowRow[], rest: readonly number[]): HTMLElement {
  const perCpu = rest.map((others, cpu) => ({
    cpu,
    flows: flows.filter(({ cpus }) => cpus[cpu]! > 0).length,
    frames: flows.reduce((sum, { cpus }) => sum + cpus[cpu]!, others),
  }));
  const most = Math.max(...perCpu.map(({ frames }) => frames));
  const all = perCpu.reduce((sum, { frames }) => sum + frames, 0);
  const rows = perCpu.map(({ cpu, flows: number, frames }) => {
    const bar = element('i', { class: 'bar-of-cpu', 'aria-hidden': 'true' });
    bar.style.setProperty('--share', String(most === 0 ? 0 : frames / most));
    return numberRow(
      `CPU ${cpu}`,
      exact(number),
      exact(frames),
      share(frames, all),
      element('td', { class: 'wide' }, bar),
    );
  });
  return numberTable({
    caption: 'Flows as they came in, by the CPU that handled their frames last',
    label: 'Flows by CPU',
    titles: ['CPU', 'flows', 'frames', 'share', ''],
    rows,
  });
}

function flowTable(flows: readonly FlowRow[]): HTMLElement {
  const columns: TableColumn<FlowRow>[] = [
    { title: 'Flow', key: ({ flow }) => flow, cell: ({ flow }) => flow },
    {
      title: 'Frames',
      isNumber: true,
      key: ({ frames }) => frames,
      cell: ({ frames }) => exact(frames),
    },
    {
      title: 'CPUs',
      isNumber: true,
      key: (row) => cpusOf(row).length,
      cell: (row) => exact(cpusOf(row).length),
    },
    {
      title: 'Frames by CPU',
      key: (row) => cpusOf(row).join(', '),
      cell: (row) => cpusOf(row).join(', '),
    },
  ];
  return new SearchTable({
    caption: 'Flows',
    columns,
    rows: flows,
    text: (row) => `${row.flow} cpu ${cpusOf(row).join(' cpu ')}`,
  }).node;
}
