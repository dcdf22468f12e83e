import type { Series } from './document.js';
import type { TimeBins } from './timeBins.js';

/** Things that a group tells apart; later ones are counted together. */
const KEYS_MAX = 256;

/** What happened how often over time, by what it is about. */
export class CountSeries {
  readonly #bins: TimeBins;
  readonly #keysMax: number;
  readonly #byKey = new Map<string, Float64Array>();
  #rest: Float64Array | undefined;

  constructor(bins: TimeBins, keysMax = KEYS_MAX) {
    this.#bins = bins;
    this.#keysMax = keysMax;
  }

  add(key: string, timeNs: number, times: number): void {
    // First, since it may move what is in the bins.
    const index = this.#bins.indexOf(timeNs);
    const values = this.#valuesOf(key);
    values[index] = values[index]! + times;
  }

  #valuesOf(key: string): Float64Array {
    let values = this.#byKey.get(key);
    if (values !== undefined) return values;
    if (this.#byKey.size >= this.#keysMax) {
      this.#rest ??= this.#bins.add('sum');
      return this.#rest;
    }
    values = this.#bins.add('sum');
    this.#byKey.set(key, values);
    return values;
  }

  /** The most frequent first; what was counted together last. */
  series(): Series[] {
    const { used } = this.#bins;
    const all = [...this.#byKey].map(([label, values]) => seriesOf(label, values, used));
    all.sort((a, b) => b.total - a.total);
    return this.#rest === undefined
      ? all
      : [...all, { ...seriesOf('other', this.#rest, used), isRest: true }];
  }
}

function seriesOf(label: string, all: Float64Array, used: number): Series {
  const values = [...all.subarray(0, used)];
  return { label, total: values.reduce((sum, value) => sum + value, 0), values };
}
