import type { BulkSeries } from './document.js';
import type { TimeBins } from './timeBins.js';

/** A place where bulks go on. */
export interface BulkInfo {
  readonly label: string;
  /** The device or CPU that they go to. */
  readonly target: string;
  readonly capacity: number;
}

interface Bulk {
  readonly info: BulkInfo;
  /** Bulks by how many frames they had. */
  readonly sizes: number[];
  readonly frames: Float64Array;
  readonly bulks: Float64Array;
}

/** How full the bulks were that went on: the reason for bulk queues is that they are. */
export class BulkFill {
  readonly #bins: TimeBins;
  readonly #byLabel = new Map<string, Bulk>();

  constructor(bins: TimeBins) {
    this.#bins = bins;
  }

  add(info: BulkInfo, timeNs: number, frames: number): void {
    const { label, capacity } = info;
    const index = this.#bins.indexOf(timeNs);
    let bulk = this.#byLabel.get(label);
    if (bulk === undefined) {
      bulk = {
        info,
        sizes: Array<number>(capacity + 1).fill(0),
        frames: this.#bins.add('sum'),
        bulks: this.#bins.add('sum'),
      };
      this.#byLabel.set(label, bulk);
    }
    bulk.sizes[frames] = (bulk.sizes[frames] ?? 0) + 1;
    bulk.frames[index] = bulk.frames[index]! + frames;
    bulk.bulks[index] = bulk.bulks[index]! + 1;
  }

  /** Those with the most frames first. */
  series(): BulkSeries[] {
    const { used } = this.#bins;
    const all = [...this.#byLabel.values()].map(({ info, sizes, frames, bulks }) => ({
      ...info,
      sizes,
      frames: [...frames.subarray(0, used)],
      bulks: [...bulks.subarray(0, used)],
    }));
    const framesIn = ({ sizes }: BulkSeries) => sizes.reduce((sum, n, size) => sum + n * size, 0);
    return all.sort((a, b) => framesIn(b) - framesIn(a));
  }
}
