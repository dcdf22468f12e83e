import type { Machine } from '../machine/machine.js';
import { machineClock } from '../machine/workerTask.js';
import { type RingDepths, ringDepths } from '../metrics/ringDepths.js';

/** Between two looks at the rings that no event tells of. */
const SAMPLE_INTERVAL_MS = 2;

/** Looks at the rings of a machine from time to time, until it is stopped. */
export class RingSampler {
  readonly #timer: NodeJS.Timeout;

  constructor(
    { system, clockOriginMs }: Machine,
    take: (timeNs: number, rings: RingDepths) => void,
  ) {
    const nowNs = machineClock(clockOriginMs);
    this.#timer = setInterval(() => take(nowNs(), ringDepths(system)), SAMPLE_INTERVAL_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
