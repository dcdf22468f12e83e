import type { DeviceCounters } from '../machine/counters.js';
import type { Scenario } from '../scenario/scenario.js';
import { fates } from '../trace/fates.js';
import { type Column, count, decimal, duration, numbers, share, table, whole } from './format.js';
import { hintsFor } from './hints.js';
import { endedFrames, origins, type Report } from './report.js';

/** The summary for people; it ends with a line break. Sections that have nothing to say are left out. */
export function summaryText(report: Report, scenario: Scenario): string {
  const sections = [
    headLines(report, scenario),
    fateLines(report, scenario),
    faultLines(report),
    cpuLines(report),
    deviceLines(report),
    socketLines(report),
    eventLines(report),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function headLines(report: Report, { name }: Scenario): string[] {
  const { kernel, seed, stoppedBy, elapsedNs, frames, devices } = report;
  const about = [...(name === undefined ? [] : [name]), `kernel ${kernel}`, `seed ${seed}`];
  const { wire, sockets, copies } = origins(report);
  const parts = [
    `${whole(wire)} from the wire`,
    ...(copies > 0 ? [`${whole(copies)} copies of broadcasts`] : []),
    ...(sockets > 0 ? [`${whole(sockets)} sent by sockets`] : []),
  ];
  const from = parts.length > 1 ? ` (${parts.join(', ')})` : '';
  const seconds = elapsedNs / 1e9;
  const bits = devices.reduce((sum, { rxBytes }) => sum + rxBytes, 0) * 8;
  const rates = `${whole(Math.round(wire / seconds))} frames/s, ${decimal(bits / seconds / 1e6, 0)} Mbit/s`;
  return [
    ...(stoppedBy === null ? [] : [`stopped by ${stoppedBy}`]),
    `${count(frames.received, 'frame')} received${from} in ${duration(elapsedNs)}: ${rates}`,
    `${about.join(', ')}`,
  ];
}

/** One line for each fate, the most frequent first, and under it why it may have happened. */
function fateLines(report: Report, scenario: Scenario): string[] {
  const { received } = report.frames;
  const ended = fates
    .map(({ name, text }) => ({ name, text, frames: report.frames.fates[name] ?? 0 }))
    .filter(({ frames }) => frames > 0)
    .sort((a, b) => b.frames - a.frames);
  const sum = endedFrames(report.frames);
  const rows = [...ended, { name: 'all', text: totalText(sum, received), frames: sum }];
  const lines = table([
    { title: 'fate', align: 'left', cells: rows.map(({ name }) => name) },
    { title: 'frames', align: 'right', cells: rows.map(({ frames }) => whole(frames)) },
    { title: 'share', align: 'right', cells: rows.map(({ frames }) => share(frames, received)) },
    { title: '', align: 'left', cells: rows.map(({ text }) => text) },
  ]);
  return lines.flatMap((line, row) => {
    const fate = ended[row - 1];
    const hints = fate === undefined ? [] : hintsFor(fate.name, report, scenario);
    return [line, ...hints.map((hint) => `      - ${hint}`)];
  });
}

/** Said only of what was compared. */
function totalText(ended: number, received: number): string {
  if (ended === received) return 'every frame that was received has met one fate';
  return `of ${whole(received)} that were received: ${whole(received - ended)} have no fate`;
}

function faultLines({ faults }: Report): string[] {
  if (faults.length === 0) return [];
  return [
    'exceptions in programs',
    ...table([
      { title: 'program', align: 'left', cells: faults.map(({ program }) => program) },
      { title: 'frames', align: 'right', cells: faults.map((fault) => whole(fault.count)) },
      {
        title: '',
        align: 'left',
        cells: faults.map(({ message, at }) => (at === undefined ? message : `${message} ${at}`)),
      },
    ]),
  ];
}

function cpuLines({ cpus }: Report): string[] {
  const busy = cpus.filter(
    ({ received, kthreadProcessed, fates: ends }) =>
      received + kthreadProcessed + Object.keys(ends).length > 0,
  );
  const fateNames = fates
    .map(({ name }) => name)
    .filter((name) => busy.some(({ fates: ends }) => (ends[name] ?? 0) > 0));
  return rows([
    { title: 'cpu', align: 'left', cells: busy.map(({ cpu }) => String(cpu)) },
    numbers(
      'received',
      busy.map(({ received }) => received),
    ),
    numbers(
      'kthread',
      busy.map(({ kthreadProcessed }) => kthreadProcessed),
    ),
    ...fateNames.map((name) =>
      numbers(
        name,
        busy.map(({ fates: ends }) => ends[name] ?? 0),
      ),
    ),
  ]);
}

function deviceLines({ devices }: Report): string[] {
  const busy = devices.filter(({ rxFrames, txFrames }) => rxFrames + txFrames > 0);
  return rows([
    { title: 'device', align: 'left', cells: busy.map(({ name }) => name) },
    numbers(
      'rx frames',
      busy.map(({ rxFrames }) => rxFrames),
    ),
    numbers(
      'rx bytes',
      busy.map(({ rxBytes }) => rxBytes),
    ),
    numbers(
      'tx frames',
      busy.map(({ txFrames }) => txFrames),
    ),
    numbers(
      'tx bytes',
      busy.map(({ txBytes }) => txBytes),
    ),
    rxQueueColumn(busy),
  ]);
}

function rxQueueColumn(devices: readonly DeviceCounters[]): Column | undefined {
  if (devices.every(({ rxQueues }) => rxQueues.length === 1)) return undefined;
  const cells = devices.map(({ rxQueues, rxFrames }) =>
    rxQueues.length === 1 || rxFrames === 0 ? '' : rxQueues.map(whole).join(' '),
  );
  return { title: 'by rx queue', align: 'left', cells };
}

function socketLines({ sockets }: Report): string[] {
  return rows([
    { title: 'socket', align: 'left', cells: sockets.map(({ name }) => name) },
    numbers(
      'rx frames',
      sockets.map(({ rxFrames }) => rxFrames),
    ),
    numbers(
      'rx bytes',
      sockets.map(({ rxBytes }) => rxBytes),
    ),
    numbers(
      'read',
      sockets.map(({ appFrames }) => appFrames),
    ),
    numbers(
      'tx frames',
      sockets.map(({ txFrames }) => txFrames),
    ),
    numbers(
      'dropped',
      sockets.map(({ rxDropped }) => rxDropped),
    ),
    numbers(
      'rx ring full',
      sockets.map(({ rxRingFull }) => rxRingFull),
    ),
    numbers(
      'fill ring empty',
      sockets.map((socket) => socket.rxFillRingEmptyDescs),
    ),
    numbers(
      'invalid descs',
      sockets.map((s) => s.rxInvalidDescs + s.txInvalidDescs),
    ),
  ]);
}

function eventLines({ events }: Report): string[] {
  const fired = Object.entries(events)
    .filter(([, times]) => times > 0)
    .sort(([, a], [, b]) => b - a);
  return rows([
    { title: 'tracepoint', align: 'left', cells: fired.map(([name]) => name) },
    numbers(
      'hits',
      fired.map(([, times]) => times),
    ),
  ]);
}

/** A table without the columns that have nothing to say; nothing without rows. */
function rows(columns: readonly (Column | undefined)[]): string[] {
  const shown = columns.filter((column) => column !== undefined);
  return shown[0]!.cells.length === 0 ? [] : table(shown);
}
