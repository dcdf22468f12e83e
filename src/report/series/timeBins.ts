/** What two neighbouring bins make together. `last` and `max` know bins without a value: NaN. */
export type Merge = 'sum' | 'max' | 'last';

/** Bins that a series has at most, however long the run. */
export const BINS_MAX = 600;
/** Width of a bin at the start of a run. */
const FIRST_BIN_NS = 100_000;

interface Binned {
  readonly merge: Merge;
  readonly values: Float64Array;
}

/**
 * The time axis that the series of a run share: equal bins from the first event on. When there is no room for a later
 * event, neighbours are merged pairwise in all series and bins are twice as wide from then on.
 */
export class TimeBins {
  readonly #all: Binned[] = [];
  #startNs: number | undefined;
  #binNs = FIRST_BIN_NS;
  #lastNs = 0;

  /** Time of the first event, on the machine's clock. */
  get startNs(): number {
    return this.#startNs ?? 0;
  }

  get binNs(): number {
    return this.#binNs;
  }

  /** Bins up to the last event. */
  get used(): number {
    if (this.#startNs === undefined) return 0;
    return Math.min(BINS_MAX, Math.floor((this.#lastNs - this.#startNs) / this.#binNs) + 1);
  }

  /** The values of a new series on this axis. */
  add(merge: Merge): Float64Array {
    const values = new Float64Array(BINS_MAX).fill(emptyOf(merge));
    this.#all.push({ merge, values });
    return values;
  }

  /**
   * The bin of an event at `timeNs`. Records come nearly in the order of time: an event from before the first one is in
   * bin 0.
   */
  indexOf(timeNs: number): number {
    this.#startNs ??= timeNs;
    if (timeNs > this.#lastNs) this.#lastNs = timeNs;
    return this.indexOfSample(timeNs);
  }

  /** The bin of a look at the machine, which makes the run no longer. */
  indexOfSample(timeNs: number): number {
    const sinceNs = Math.max(0, timeNs - this.startNs);
    while (sinceNs >= BINS_MAX * this.#binNs) this.#widen();
    return Math.floor(sinceNs / this.#binNs);
  }

  #widen(): void {
    for (const { merge, values } of this.#all) {
      for (let i = 0; i < BINS_MAX / 2; i++) {
        values[i] = merged(merge, values[2 * i]!, values[2 * i + 1]!);
      }
      values.fill(emptyOf(merge), BINS_MAX / 2);
    }
    this.#binNs *= 2;
  }
}

function emptyOf(merge: Merge): number {
  return merge === 'sum' ? 0 : Number.NaN;
}

function merged(merge: Merge, earlier: number, later: number): number {
  if (merge === 'sum') return earlier + later;
  if (Number.isNaN(later)) return earlier;
  if (Number.isNaN(earlier)) return later;
  return merge === 'max' ? Math.max(earlier, later) : later;
}
