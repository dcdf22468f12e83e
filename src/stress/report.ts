import type { DisturbanceKind } from './disturbances.js';

/** What a stress run did, and what it found. */
export interface StressReport {
  /** What broke; nothing where the run passed. */
  readonly failures: readonly string[];
  readonly seed: number;
  /** The command line that makes the same choices; when threads do what is not in a seed. */
  readonly command: string;
  readonly elapsedNs: number;
  readonly framesPerSecond: number;
  /** As in a run's report: copies are counted too. */
  readonly frames: {
    readonly received: number;
    readonly fates: Readonly<Record<string, number>>;
  };
  readonly events: Readonly<Record<string, number>>;
  /** How often each kind was done. */
  readonly disturbances: Readonly<Record<DisturbanceKind, number>>;
  /** The last disturbances, oldest first. */
  readonly log: readonly string[];
}

const NAME_WIDTH = 24;

/** The report for people. The log of disturbances is there where something broke. */
export function stressText(report: StressReport): string {
  const { failures, seed, command, elapsedNs, framesPerSecond, frames } = report;
  const count = Object.values(report.disturbances).reduce((sum, n) => sum + n, 0);
  return [
    `${failures.length === 0 ? 'passed' : 'FAILED'}: ${frames.received} frames in ${(elapsedNs / 1e9).toFixed(1)} s ` +
      `(${Math.round(framesPerSecond)}/s), ${count} disturbances, seed ${seed}`,
    ...table('fate of frames', frames.fates),
    ...table('disturbances', report.disturbances),
    ...(failures.length === 0
      ? []
      : ['last disturbances:', ...report.log.map((line) => `  ${line}`)]),
    ...failures.map((failure) => `broken: ${failure}`),
    ...(failures.length === 0 ? [] : [`again: ${command}`]),
    '',
  ].join('\n');
}

function table(title: string, counts: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(counts).filter(([, n]) => n > 0);
  return [
    `${title}:`,
    ...rows.map(([name, n]) => `  ${name.padEnd(NAME_WIDTH)}${String(n).padStart(12)}`),
  ];
}
