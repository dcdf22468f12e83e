import type { DeviceCounters } from '../machine/counters.js';
import { programFunction } from '../scenario/programFunction.js';
import type { Scenario } from '../scenario/scenario.js';
import { fates } from '../trace/fates.js';
import {
  type Column,
  count,
  decimal,
  duration,
  numbers,
  share,
  table,
  texts,
  whole,
} from './format.js';
import { hintsFor } from './hints.js';
import { endedFrames, origins, type Report } from './report.js';

/** The summary for people; it ends with a line break. Sections that have nothing to say are left out. */
export function summaryText(report: Report, scenario: Scenario): string {
  const sections = [
    headLines(report, scenario),
    fateLines(report, scenario),
    faultLines(report, scenario),
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

function headLines(report: Report, { name, traffic }: Scenario): string[] {
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
  // What a veth receives is on its second hop.
  const receivers = new Set(traffic.map(({ device }) => device));
  const bytes = devices
    .filter((device) => receivers.has(device.name))
    .reduce((sum, { rxBytes }) => sum + rxBytes, 0);
  const rates = `${whole(Math.round(wire / seconds))} frames/s, ${decimal((bytes * 8) / seconds / 1e6, 0)} Mbit/s`;
  return [
    ...(stoppedBy === null ? [] : [`stopped by ${stoppedBy}`]),
    `${count(frames.received, 'frame')} received${from} in ${duration(elapsedNs)}: ${rates}`,
    about.join(', '),
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
  const all = [...ended, { name: 'all', text: totalText(sum, received), frames: sum }];
  const lines = rows([
    texts('fate', all, ({ name }) => name),
    numbers('frames', all, ({ frames }) => frames),
    { ...texts('share', all, ({ frames }) => share(frames, received)), align: 'right' },
    texts('', all, ({ text }) => text),
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

function faultLines({ faults }: Report, scenario: Scenario): string[] {
  if (faults.length === 0) return [];
  const columns = [
    texts('program', faults, ({ program }) => programFunction(program, scenario)),
    numbers('frames', faults, ({ count: times }) => times),
    texts('', faults, ({ message, at }) => (at === undefined ? message : `${message} ${at}`)),
  ];
  return ['exceptions in programs', ...rows(columns)];
}

function cpuLines({ cpus }: Report): string[] {
  const busy = cpus.filter(
    ({ received, kthreadProcessed, fates: ends }) =>
      received + kthreadProcessed + Object.keys(ends).length > 0,
  );
  return rows([
    texts('cpu', busy, ({ cpu }) => String(cpu)),
    numbers('received', busy, ({ received }) => received),
    numbers('kthread', busy, ({ kthreadProcessed }) => kthreadProcessed),
    ...fates.map(({ name }) => numbers(name, busy, ({ fates: ends }) => ends[name] ?? 0)),
  ]);
}

function deviceLines({ devices }: Report): string[] {
  const busy = devices.filter(({ rxFrames, txFrames }) => rxFrames + txFrames > 0);
  return rows([
    texts('device', busy, ({ name }) => name),
    numbers('rx frames', busy, ({ rxFrames }) => rxFrames),
    numbers('rx bytes', busy, ({ rxBytes }) => rxBytes),
    numbers('tx frames', busy, ({ txFrames }) => txFrames),
    numbers('tx bytes', busy, ({ txBytes }) => txBytes),
    rxQueueColumn(busy),
  ]);
}

function rxQueueColumn(devices: readonly DeviceCounters[]): Column | undefined {
  if (devices.every(({ rxQueues }) => rxQueues.length === 1)) return undefined;
  return texts('by rx queue', devices, ({ rxQueues, rxFrames }) =>
    rxQueues.length === 1 || rxFrames === 0 ? '' : rxQueues.map(whole).join(' '),
  );
}

function socketLines({ sockets }: Report): string[] {
  return rows([
    texts('socket', sockets, ({ name }) => name),
    numbers('rx frames', sockets, ({ rxFrames }) => rxFrames),
    numbers('rx bytes', sockets, ({ rxBytes }) => rxBytes),
    numbers('read', sockets, ({ appFrames }) => appFrames),
    numbers('tx frames', sockets, ({ txFrames }) => txFrames),
    numbers('dropped', sockets, ({ rxDropped }) => rxDropped),
    numbers('rx ring full', sockets, ({ rxRingFull }) => rxRingFull),
    numbers('fill ring empty', sockets, ({ rxFillRingEmptyDescs }) => rxFillRingEmptyDescs),
    numbers('rx invalid', sockets, ({ rxInvalidDescs }) => rxInvalidDescs),
    numbers('tx invalid', sockets, ({ txInvalidDescs }) => txInvalidDescs),
  ]);
}

function eventLines({ events }: Report): string[] {
  const fired = Object.entries(events)
    .filter(([, times]) => times > 0)
    .sort(([, a], [, b]) => b - a);
  return rows([
    texts('tracepoint', fired, ([name]) => name),
    numbers('hits', fired, ([, times]) => times),
  ]);
}

/** A table without the columns that have nothing to say; nothing without rows. */
function rows(columns: readonly (Column | undefined)[]): string[] {
  const shown = columns.filter((column) => column !== undefined);
  return shown[0]!.cells.length === 0 ? [] : table(shown);
}
