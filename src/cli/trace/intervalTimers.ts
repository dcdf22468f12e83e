import type { Interval } from '../../bpftrace/session.js';

/**
 * Fires intervals by the clock. A timer of Node.js waits at least a millisecond, and while records are read it waits for
 * them: what became due meanwhile fires then, so that an interval has fired as often as it should have.
 */
export class IntervalTimers {
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(intervals: readonly Interval[], nowNs: () => number) {
    const startNs = nowNs();
    this.#timers = intervals.map(({ periodNs, fire }) => {
      let fired = 0;
      const timer = setInterval(
        () => {
          const due = Math.floor((nowNs() - startNs) / periodNs);
          for (; fired < due; fired++) fire();
        },
        Math.max(1, periodNs / 1e6),
      );
      // A run that fails does not wait for the next second.
      return timer.unref();
    });
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}
