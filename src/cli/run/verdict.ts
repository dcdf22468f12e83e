import type { Counters } from '../../machine/counters.js';
import { InvariantError } from '../../machine/failure.js';
import type { Machine } from '../../machine/machine.js';
import { endedFrames } from '../../report/report.js';

/** What must hold of every run: each function returns what is broken, if something is. */

/** What `Machine.verify` finds broken, if anything. */
export function brokenInvariantOf(machine: Machine): InvariantError | undefined {
  try {
    machine.verify();
    return undefined;
  } catch (error) {
    if (error instanceof InvariantError) return error;
    throw error;
  }
}

/** The numbers that the summary says add up. */
export function unbalanced({ frames }: Counters): InvariantError | undefined {
  const ended = endedFrames(frames);
  if (ended === frames.received) return undefined;
  return new InvariantError(`${frames.received} frames were received, but ${ended} have a fate`);
}

/** Nothing that was to be recorded was lost. */
export function lossy({ lostRecords }: Machine): InvariantError | undefined {
  if (lostRecords === 0) return undefined;
  return new InvariantError(`${lostRecords} records were lost: what was recorded is not complete`);
}
