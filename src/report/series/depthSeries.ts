import type { RingSeries } from './document.js';
import type { RingInfo, RingListener } from './ringLevels.js';
import type { TimeBins } from './timeBins.js';

/** Rings that are followed; of a machine with more, the first ones. */
const RINGS_MAX = 256;

interface Ring {
  readonly info: RingInfo;
  /** Deepest and last of each bin. */
  readonly most: Float64Array;
  readonly last: Float64Array;
}

/** How full rings were over time. */
export class DepthSeries implements RingListener {
  readonly #bins: TimeBins;
  readonly #rings = new Map<string, Ring>();
  readonly #left = new Set<string>();

  constructor(bins: TimeBins) {
    this.#bins = bins;
  }

  add(info: RingInfo, timeNs: number, depth: number): void {
    this.#set(info, this.#bins.indexOf(timeNs), depth);
  }

  addSample(info: RingInfo, timeNs: number, depth: number): void {
    this.#set(info, this.#bins.indexOfSample(timeNs), depth);
  }

  #set(info: RingInfo, index: number, depth: number): void {
    const { label } = info;
    let ring = this.#rings.get(label);
    if (ring === undefined) {
      if (this.#rings.size >= RINGS_MAX) {
        this.#left.add(label);
        return;
      }
      ring = { info, most: this.#bins.add('max'), last: this.#bins.add('last') };
      this.#rings.set(label, ring);
    }
    const { most, last } = ring;
    if (!(most[index]! >= depth)) most[index] = depth;
    last[index] = depth;
  }

  /** Rings that are not followed, since there are too many. */
  get left(): number {
    return this.#left.size;
  }

  /** The deepest first. A bin in which nothing was heard of a ring has what the ring held before. */
  series(): RingSeries[] {
    const all = [...this.#rings.values()].map(({ info, most, last }) => {
      const values: number[] = [];
      let held = 0;
      for (let i = 0; i < this.#bins.used; i++) {
        values.push(Number.isNaN(most[i]!) ? held : most[i]!);
        if (!Number.isNaN(last[i]!)) held = last[i]!;
      }
      return { ...info, most: values.reduce((a, b) => Math.max(a, b), 0), values };
    });
    return all.sort((a, b) => b.most - a.most);
  }
}
