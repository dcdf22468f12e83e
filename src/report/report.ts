import type { Counters } from '../machine/counters.js';
import type { ProgramFault } from '../program/host.js';
import type { Scenario } from '../scenario/scenario.js';

/** A worker that ended before its machine. */
export interface Death {
  /** receive, cpumap, device or socket. */
  readonly role: string;
  /** The emulated CPU, or -1 for a role that runs on none. */
  readonly cpu: number;
  /** Frames that it held: their fate is `worker_died`. */
  readonly framesHeld: number;
  readonly message: string;
}

/** Everything about one run: what `--json` prints. */
export interface Report extends Counters {
  readonly kernel: Scenario['kernel'];
  readonly seed: number;
  /** From the first frame let in to the last one's fate. */
  readonly elapsedNs: number;
  /** The signal that ended the run early. */
  readonly stoppedBy: string | null;
  /** Exceptions in programs, the most frequent first; each aborted `count` frames. */
  readonly faults: readonly Omit<ProgramFault, 'alike'>[];
  readonly deaths: readonly Death[];
}

/** Sum of all fates. */
export function endedFrames({ fates }: Counters['frames']): number {
  return Object.values(fates).reduce((sum, frames) => sum + frames, 0);
}

/** Where the frames of a report came from; they add up to `frames.received`. */
export function origins({ frames, cpus, sockets }: Counters): {
  readonly wire: number;
  readonly sockets: number;
  readonly copies: number;
} {
  const wire = cpus.reduce((sum, { received }) => sum + received, 0);
  const sent = sockets.reduce((sum, { txFrames }) => sum + txFrames, 0);
  return { wire, sockets: sent, copies: frames.received - wire - sent };
}
