import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ArenaFullError } from '../arena/allocator.js';
import type { KernelVersion } from '../machine/kernel.js';
import { type Difference, describeDifference } from './difference.js';
import { type ReplayResult, replayText, replayTextThreaded, type SkippedReplay } from './replay.js';
import { sideBySide } from './sideBySide.js';
import { TraceFormatError } from './traceError.js';

export interface ReplayCommandOptions {
  /** One JSON document in place of lines. */
  readonly json?: boolean;
  /** Both sequences of every file, side by side. */
  readonly verbose?: boolean;
  readonly kernel?: KernelVersion;
  /** With a worker for each context; recordings whose outcome depends on timing are skipped. */
  readonly threads?: boolean;
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

type FileOutcome = ReplayResult | SkippedReplay | Unusable;

/**
 * `xdpemu replay FILE...`: a line for each file, `ok NAME` or the first difference, and a count at the end. The exit code
 * says whether a file failed, or, before that, whether one could not be used at all.
 */
export async function runReplay(
  files: readonly string[],
  options: ReplayCommandOptions,
): Promise<ReplayExitCode> {
  const { json = false, verbose = false, threads = false, write } = options;
  const outcomes: FileOutcome[] = [];
  for (const file of files) {
    const outcome = await replayFile(file, options);
    outcomes.push(outcome);
    if (!json) write(`${linesOf(outcome, verbose).join('\n')}\n`);
  }
  const results = outcomes.filter((outcome) => 'ok' in outcome);
  const passed = results.filter(({ ok }) => ok).length;
  const skipped = outcomes.filter((outcome) => 'skipped' in outcome).length;
  const failed = outcomes.length - passed - skipped;
  const counts = { passed, failed, ...(threads && { skipped }) };
  if (json) write(`${JSON.stringify({ files: outcomes.map(toJson), ...counts }, null, 2)}\n`);
  else {
    const texts = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
    write(`${texts.join(', ')}\n`);
  }
  if (outcomes.some((outcome) => 'error' in outcome)) return REPLAY_EXIT.UNUSABLE;
  return failed > 0 ? REPLAY_EXIT.FAILED : REPLAY_EXIT.PASSED;
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

async function replayFile(
  path: string,
  { kernel = 618, threads = false, read = readText }: ReplayCommandOptions,
): Promise<FileOutcome> {
  const name = basename(path);
  let text: string;
  try {
    text = read(path);
  } catch (error) {
    return { name, error: `cannot be read: ${(error as Error).message}` };
  }
  try {
    if (threads) return await replayTextThreaded(name, text, { kernel });
    return replayText(name, text, { kernel });
  } catch (error) {
    if (error instanceof TraceFormatError || error instanceof ArenaFullError)
      return { name, error: error.message };
    throw error;
  }
}

function linesOf(outcome: FileOutcome, verbose: boolean): string[] {
  if ('error' in outcome) return [`error ${outcome.name}: ${outcome.error}`];
  if ('skipped' in outcome) return [`skip ${outcome.name}: ${outcome.skipped}`];
  const { name, difference, sequences } = outcome;
  const verdict = difference ? `FAILED ${name}: ${describeDifference(difference)}` : `ok ${name}`;
  return verbose ? [verdict, ...sideBySide(sequences).map((line) => `  ${line}`)] : [verdict];
}

function toJson(outcome: FileOutcome): object {
  if ('error' in outcome || 'skipped' in outcome) return outcome;
  const { name, format, title, ok, difference } = outcome;
  return { name, format, title, ok, ...(difference && { difference: nullForNothing(difference) }) };
}

/** JSON has no undefined: what is missing on one side is null. */
function nullForNothing({ expected = null, found = null, ...place }: Difference): Difference {
  return { ...place, expected, found };
}
