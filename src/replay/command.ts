import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ArenaFullError } from '../arena/allocator.js';
import type { KernelVersion } from '../machine/kernel.js';
import { type Difference, describeDifference } from './difference.js';
import { type ReplayResult, replayText } from './replay.js';
import { sideBySide } from './sideBySide.js';
import { TraceFormatError } from './traceError.js';

export interface ReplayCommandOptions {
  /** One JSON document in place of lines. */
  readonly json?: boolean;
  /** Both sequences of every file, side by side. */
  readonly verbose?: boolean;
  readonly kernel?: KernelVersion;
  /** Takes the output, a piece with its line ends at a time. */
  readonly write: (text: string) => void;
  readonly read?: (path: string) => string;
}

/** Exit codes of `xdpemu replay`. */
export const REPLAY_EXIT = { PASSED: 0, FAILED: 1, UNUSABLE: 2 } as const;
export type ReplayExitCode = (typeof REPLAY_EXIT)[keyof typeof REPLAY_EXIT];

/** A file that could not be read, or is no recording. */
interface Unusable {
  readonly name: string;
  readonly error: string;
}

/**
 * `xdpemu replay FILE...`: a line for each file, `ok NAME` or the first difference, and a count at the end. The exit code
 * says whether a file failed, or, before that, whether one could not be used at all.
 */
export function runReplay(
  files: readonly string[],
  { json = false, verbose = false, kernel = 618, write, read = readText }: ReplayCommandOptions,
): ReplayExitCode {
  const outcomes: (ReplayResult | Unusable)[] = [];
  for (const file of files) {
    const outcome = replayFile(file, kernel, read);
    outcomes.push(outcome);
    if (!json) write(`${linesOf(outcome, verbose).join('\n')}\n`);
  }
  const results = outcomes.filter((outcome) => 'ok' in outcome);
  const passed = results.filter(({ ok }) => ok).length;
  const failed = outcomes.length - passed;
  if (json) write(`${JSON.stringify({ files: outcomes.map(toJson), passed, failed }, null, 2)}\n`);
  else write(`${passed} passed, ${failed} failed\n`);
  if (results.length < outcomes.length) return REPLAY_EXIT.UNUSABLE;
  return failed > 0 ? REPLAY_EXIT.FAILED : REPLAY_EXIT.PASSED;
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

function replayFile(
  path: string,
  kernel: KernelVersion,
  read: (path: string) => string,
): ReplayResult | Unusable {
  const name = basename(path);
  let text: string;
  try {
    text = read(path);
  } catch (error) {
    return { name, error: `cannot be read: ${(error as Error).message}` };
  }
  try {
    return replayText(name, text, { kernel });
  } catch (error) {
    if (error instanceof TraceFormatError || error instanceof ArenaFullError)
      return { name, error: error.message };
    throw error;
  }
}

function linesOf(outcome: ReplayResult | Unusable, verbose: boolean): string[] {
  if ('error' in outcome) return [`error ${outcome.name}: ${outcome.error}`];
  const { name, difference, sequences } = outcome;
  const verdict = difference ? `FAILED ${name}: ${describeDifference(difference)}` : `ok ${name}`;
  return verbose ? [verdict, ...sideBySide(sequences).map((line) => `  ${line}`)] : [verdict];
}

function toJson(outcome: ReplayResult | Unusable): object {
  if ('error' in outcome) return outcome;
  const { name, format, title, ok, difference } = outcome;
  return { name, format, title, ok, ...(difference && { difference: nullForNothing(difference) }) };
}

/** JSON has no undefined: what is missing on one side is null. */
function nullForNothing({ expected = null, found = null, ...place }: Difference): Difference {
  return { ...place, expected, found };
}
