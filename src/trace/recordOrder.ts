import type { RawRecord } from './records.js';

/**
 * Puts records of several rings into the one order in which contexts took their numbers. A context may be between taking
 * a number and publishing its record while the rings are read: what comes after it is kept back.
 */
export class RecordOrder {
  #next: number;
  /** By number. */
  readonly #waiting = new Map<number, RawRecord>();

  /** `next`: the number of the first record. */
  constructor(next: number) {
    this.#next = next;
  }

  /** Records that wait for one before them. */
  get held(): number {
    return this.#waiting.size;
  }

  /**
   * Takes what was read, in any order, and tells `tell` of what nothing can come before any more. `isComplete`: a number that
   * is missing will stay so (its context died, or everything has stopped), so nothing is kept back.
   */
  take(
    records: readonly RawRecord[],
    isComplete: boolean,
    tell: (record: RawRecord) => void,
  ): void {
    for (const record of records) {
      // One that was taken to be missing.
      if (((record.order - this.#next) | 0) < 0) tell(record);
      else this.#waiting.set(record.order, record);
    }
    this.#tellUnbroken(tell);
    if (!isComplete) return;
    while (this.#waiting.size > 0) {
      this.#next = this.#first();
      this.#tellUnbroken(tell);
    }
  }

  #tellUnbroken(tell: (record: RawRecord) => void): void {
    for (;;) {
      const record = this.#waiting.get(this.#next);
      if (record === undefined) return;
      this.#waiting.delete(this.#next);
      this.#next = (this.#next + 1) >>> 0;
      tell(record);
    }
  }

  /** The number of those that wait that comes first. */
  #first(): number {
    let nearest = Number.POSITIVE_INFINITY;
    for (const order of this.#waiting.keys()) {
      nearest = Math.min(nearest, (order - this.#next) >>> 0);
    }
    return (this.#next + nearest) >>> 0;
  }
}
