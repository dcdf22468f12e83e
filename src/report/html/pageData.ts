import { programFunction } from '../../scenario/programFunction.js';
import type { Scenario } from '../../scenario/scenario.js';
import { fateNamed, fates } from '../../trace/fates.js';
import { count, decimal, duration, share, whole } from '../format.js';
import { hintsFor } from '../hints.js';
import { endedFrames, origins, type Report } from '../report.js';
import type { SeriesDocument } from '../series/document.js';

/** A row of the table of fates. */
export interface PageFate {
  readonly fate: string;
  readonly target: string;
  readonly frames: number;
  readonly bytes: number;
  /** Since the first event. */
  readonly firstNs: number;
  readonly lastNs: number;
  readonly isDelivered: boolean;
  readonly text: string;
  readonly hints: readonly string[];
}

/** A frame of the ledger. */
export interface PageFrame {
  /** Its number, with that of the copy. */
  readonly frame: string;
  readonly flow: string;
  readonly length: number;
  /** Since the first event. */
  readonly atNs: number;
  readonly fate: string;
  readonly isDelivered: boolean;
  readonly way: string;
}

export interface PageFrames {
  /** Frames of the ledger; there may be fewer rows. */
  readonly total: number;
  readonly rows: readonly PageFrame[];
}

/** Everything that the page shows; it is in the page as JSON. */
export interface PageData {
  readonly title: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly series: SeriesDocument;
  readonly fates: readonly PageFate[];
  readonly faults: Report['faults'];
  /** Where the run kept a ledger. */
  readonly frames?: PageFrames;
}

export function pageData(
  report: Report,
  scenario: Scenario,
  series: SeriesDocument,
  frames?: PageFrames,
): PageData {
  return {
    title: scenario.name ?? 'a run',
    facts: facts(report, scenario),
    series,
    fates: pageFates(report, scenario, series),
    faults: report.faults.map((fault) => {
      return { ...fault, program: programFunction(fault.program, scenario) };
    }),
    ...(frames !== undefined && { frames }),
  };
}

function facts(report: Report, scenario: Scenario): PageData['facts'] {
  const { frames, elapsedNs, kernel, seed, stoppedBy, deaths } = report;
  const delivered = fates
    .filter((fate) => fate.delivered)
    .reduce((sum, { name }) => sum + (frames.fates[name] ?? 0), 0);
  const lost = endedFrames(frames) - delivered;
  const { wire } = origins(report);
  const perSecond = elapsedNs === 0 ? 0 : wire / (elapsedNs / 1e9);
  return [
    { name: 'frames', value: whole(frames.received) },
    { name: 'delivered', value: `${whole(delivered)} (${share(delivered, frames.received)})` },
    { name: 'not delivered', value: `${whole(lost)} (${share(lost, frames.received)})` },
    { name: 'time', value: duration(elapsedNs) },
    { name: 'rate from the wire', value: `${decimal(perSecond, 0)} frames/s` },
    { name: 'machine', value: `${count(scenario.cpus, 'CPU')}, kernel ${kernel}, seed ${seed}` },
    ...(stoppedBy === null ? [] : [{ name: 'stopped by', value: stoppedBy }]),
    ...(deaths.length === 0 ? [] : [{ name: 'workers that died', value: whole(deaths.length) }]),
  ];
}

function pageFates(report: Report, scenario: Scenario, series: SeriesDocument): PageFate[] {
  return series.fates.map(({ fate, target, frames, bytes, firstNs, lastNs }) => ({
    fate,
    target,
    frames,
    bytes,
    firstNs: Math.max(0, firstNs - series.startNs),
    lastNs: Math.max(0, lastNs - series.startNs),
    isDelivered: fateNamed(fate)?.delivered === true,
    text: fateNamed(fate)?.text ?? fate,
    hints: hintsFor(fate, report, scenario),
  }));
}
