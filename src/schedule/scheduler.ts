/**
 * Decides which context goes on. The decisions of one run depend on its seed alone.
 *
 * Whoever holds the baton asks, so each thread has a scheduler of its own over the same words: all state is in them, and
 * only the holder touches it.
 */
export interface Scheduler {
  /** A new run. */
  begin(seed: number): void;
  /**
   * The context that goes on: one whose bit is set in `ready`, which is never 0. `running` is the one that asks; its bit is
   * missing where it must let another run.
   */
  next(ready: number, running: number): number;
}

/** Words of shared memory that a scheduler may keep its state in; zero before the first run. */
export const SCHEDULER_WORDS = 8;

/** Makes the scheduler of one thread over `words`. */
export type SchedulerFactory = (words: Int32Array) => Scheduler;
