import { writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describeDifference } from '../../src/replay/difference.js';
import { replayText } from '../../src/replay/replay.js';
import { testRunDocuments } from '../model/generate/redirectDocuments.js';
import { formatRedirectTrace, type RedirectDocument } from '../model/redirectTrace.js';
import { type RecorderProgram, withRecorder } from './recorder/recorder.js';
import { recordRedirect } from './recorder/recordRedirect.js';
import { TraceInstance } from './recorder/traceInstance.js';

/** Recordings of one experiment that must differ alike: another process may have held the kernel's threads up. */
const TRIES = 2;
const SHRINK_TIMEOUT_MS = 60_000;

interface Failure {
  readonly text: string;
  readonly what: string;
}

/**
 * Random redirect scripts, run on this machine's own kernel and on the emulator; 1 where they differ, and then the
 * smallest script that was found is written to a file.
 */
export async function compareRedirects(
  program: RecorderProgram,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): Promise<number> {
  // The trace of one run is told from others' by its name, which programs print.
  const nonce = (process.pid % 36 ** 4).toString(36).padStart(4, '0');
  using trace = new TraceInstance(`xdpemu-${process.pid}`, nonce);
  let smallest: Failure | undefined;
  let deadlineMs = Number.POSITIVE_INFINITY;
  const property = fc.asyncProperty(testRunDocuments, async (document) => {
    if (performance.now() > deadlineMs) return;
    const failure = await compare(program, trace, document, nonce);
    if (failure === undefined) return;
    smallest = failure;
    deadlineMs = Math.min(deadlineMs, performance.now() + SHRINK_TIMEOUT_MS);
    throw new Error(failure.what);
  });
  const { numRuns, failed, errorInstance } = await fc.check(property, { seed, numRuns: runs });
  if (smallest === undefined) {
    if (failed) throw errorInstance;
    console.log(`redirects: ${numRuns} experiments as the kernel`);
    return 0;
  }
  const file = join(tmpdir(), `xdpemu-redirect-${seed}.json`);
  writeFileSync(file, smallest.text);
  console.log(`redirects: seed ${seed}: ${smallest.what}\n  xdpemu replay ${file}`);
  return 1;
}

/** What to say of a difference that does not go away. */
async function compare(
  program: RecorderProgram,
  trace: TraceInstance,
  document: RedirectDocument,
  nonce: string,
): Promise<Failure | undefined> {
  let failure: Failure | undefined;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const expect = await withRecorder(program, (recorder) =>
      recordRedirect(recorder, trace, document, nonce),
    );
    const text = formatRedirectTrace({ document: { ...document, kernel: release() }, expect });
    const { difference } = replayText('recorded', text);
    if (difference === undefined) return undefined;
    failure = { text, what: describeDifference(difference) };
  }
  return failure;
}
