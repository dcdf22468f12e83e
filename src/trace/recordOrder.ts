import type { RawRecord } from './records.js';

/**
 * Puts records of several rings into the one order in which contexts took their numbers. A context may be between taking
 * a number and publishing its record while the rings are read: what comes after it is kept back.
 */
export class RecordOrder {
  #next: number;
  #held: RawRecord[] = [];

  /** `next`: the number of the first record. */
  constructor(next: number) {
    this.#next = next;
  }

  /** Records that wait for one before them. */
  get held(): number {
    return this.#held.length;
  }

  /**
   * Takes what was read, in any order, and returns what nothing can come before any more. `isComplete`: a number that is
   * missing will stay so (its context died, or everything has stopped), so nothing is kept back.
   */
  take(records: readonly RawRecord[], isComplete: boolean): readonly RawRecord[] {
    if (records.length === 0 && this.#held.length === 0) return [];
    const distance = ({ order }: RawRecord) => (order - this.#next) | 0;
    const sorted = [...this.#held, ...records].sort((a, b) => distance(a) - distance(b));
    const count = isComplete ? sorted.length : this.#unbroken(sorted);
    this.#held = sorted.slice(count);
    const last = sorted[count - 1];
    if (last !== undefined) this.#next = (last.order + 1) >>> 0;
    return sorted.slice(0, count);
  }

  /** How many of the sorted records follow each other without a gap; one that comes too late breaks nothing. */
  #unbroken(sorted: readonly RawRecord[]): number {
    let expected = this.#next;
    let count = 0;
    for (const { order } of sorted) {
      const ahead = (order - expected) | 0;
      if (ahead > 0) break;
      if (ahead === 0) expected = (expected + 1) >>> 0;
      count++;
    }
    return count;
  }
}
