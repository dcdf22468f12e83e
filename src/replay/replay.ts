import type { KernelVersion } from '../machine/kernel.js';
import { compareMaps } from './compareMaps.js';
import { compareRedirect } from './compareRedirect.js';
import type { Difference } from './difference.js';
import { parseMapTrace } from './mapTrace.js';
import { type Experiment, type Outcome, parseRedirectTrace } from './redirectTrace.js';
import { replayMaps } from './replayMaps.js';
import { replayRedirect } from './replayRedirect.js';
import { replayThreaded } from './replayThreaded.js';
import { timingOf } from './timing.js';
import { TraceFormatError } from './traceError.js';

export type TraceFormat = 'xdp-map-trace' | 'xdp-redirect-trace';

export interface ReplayOptions {
  /** The kernel that is emulated; the recordings are of 6.18. */
  readonly kernel?: KernelVersion;
}

export interface ReplayResult {
  readonly name: string;
  readonly format: TraceFormat;
  readonly title: string;
  readonly ok: boolean;
  /** The first place where the recording and the emulator part. */
  readonly difference?: Difference;
  readonly sequences: Sequences;
}

/** A recording that says nothing about threads. */
export interface SkippedReplay {
  readonly name: string;
  readonly format: TraceFormat;
  readonly title: string;
  readonly skipped: string;
}

/** What was recorded and what was found, step by step: results of map operations, or events. */
export interface Sequences {
  readonly expected: readonly object[];
  readonly found: readonly object[];
}

/**
 * Runs a recording on the emulator and compares. `name` is for the result alone. Throws `TraceFormatError` for a text
 * that is no recording.
 */
export function replayText(
  name: string,
  text: string,
  { kernel = 618 }: ReplayOptions = {},
): ReplayResult {
  const format = recogniseFormat(text);
  const replay = format === 'xdp-map-trace' ? replayMapText : replayRedirectText;
  const { title, difference, sequences } = replay(text, kernel);
  const ok = difference === undefined;
  return { name, format, title, ok, ...(difference && { difference }), sequences };
}

/**
 * As `replayText`, with every context on a worker of its own. An experiment whose outcome depends on how they run against
 * each other is skipped; that is judged before anything of what was recorded is looked at.
 */
export async function replayTextThreaded(
  name: string,
  text: string,
  { kernel = 618 }: ReplayOptions = {},
): Promise<ReplayResult | SkippedReplay> {
  const format = recogniseFormat(text);
  if (format === 'xdp-map-trace') {
    const { title } = parseMapTrace(text).header;
    return { name, format, title, skipped: 'map system calls are made by one thread' };
  }
  const { experiment, expected } = parseRedirectTrace(text);
  const { title } = experiment;
  const timing = timingOf(experiment, kernel);
  if (timing.depends) return { name, format, title, skipped: timing.reason };
  const found = await replayThreaded(experiment, kernel, timing.holdsConsumers);
  const { difference, sequences } = judgeRedirect(experiment, expected, found);
  const ok = difference === undefined;
  return { name, format, title, ok, ...(difference && { difference }), sequences };
}

/** Either format names itself near the start of the file. */
export function recogniseFormat(text: string): TraceFormat {
  const [, format] = /"format"\s*:\s*"([^"]*)"/.exec(text) ?? [];
  if (format === 'xdp-map-trace' || format === 'xdp-redirect-trace') return format;
  throw new TraceFormatError(
    `expected a recording of format xdp-map-trace or xdp-redirect-trace, found ${format ?? 'none'}`,
  );
}

interface Replayed {
  readonly title: string;
  readonly difference: Difference | undefined;
  readonly sequences: Sequences;
}

function replayMapText(text: string, kernel: KernelVersion): Replayed {
  const { header, operations, results } = parseMapTrace(text);
  const found = replayMaps(header, operations, kernel);
  const named = (list: readonly object[]) =>
    list.map((result, index) => ({ op: operations[index]?.op, ...result }));
  return {
    title: header.title,
    difference: compareMaps(results, found),
    sequences: { expected: named(results), found: named(found) },
  };
}

function replayRedirectText(text: string, kernel: KernelVersion): Replayed {
  const { experiment, expected } = parseRedirectTrace(text);
  return judgeRedirect(experiment, expected, replayRedirect(experiment, kernel));
}

function judgeRedirect(
  { title, batches }: Experiment,
  expected: Outcome,
  found: Outcome,
): Replayed {
  return {
    title,
    difference: compareRedirect(batches, expected, found),
    sequences: { expected: expected.events, found: found.events },
  };
}
