import { putU16 } from './bytes.js';
import { type Flow, locateFlow } from './flow.js';
import { integerIn } from './integers.js';
import {
  MICROSOFT_RSS_KEY,
  TOEPLITZ_INPUT_BYTES_MAX,
  type ToeplitzTable,
  toeplitzHash,
  toeplitzTable,
} from './toeplitz.js';

/** As many entries as most NICs have (`ethtool -x`). */
export const INDIRECTION_ENTRIES = 128;
const PORTS_BYTES = 4;

export interface RssSpec {
  /** Toeplitz key, Microsoft's unless given. */
  readonly key?: Uint8Array;
  /** RX queue of each entry; their number is a power of 2. */
  readonly indirection: ArrayLike<number>;
}

/**
 * The table that `ethtool -X DEV equal QUEUES` sets: entry i is `i % queues`
 * (`include/linux/ethtool.h:ethtool_rxfh_indir_default`).
 *
 * @throws RangeError if `queues` is not 1..`entries`
 */
export function equalIndirection(queues: number, entries = INDIRECTION_ENTRIES): number[] {
  integerIn('RSS queues', queues, 1, entries);
  return Array.from({ length: entries }, (_, i) => i % queues);
}

/** Receive-side scaling: which RX queue a frame arrives on, by the Toeplitz hash of its addresses and ports. */
export class Rss {
  readonly key: Uint8Array;
  readonly indirection: Uint16Array;
  readonly #table: ToeplitzTable;
  readonly #scratch = new Uint8Array(TOEPLITZ_INPUT_BYTES_MAX);

  /** @throws TypeError or RangeError on a key that is too short, or a table whose size is no power of 2 */
  constructor({ key = MICROSOFT_RSS_KEY, indirection }: RssSpec) {
    this.#table = toeplitzTable(key);
    this.key = key.slice();
    const size = indirection.length;
    if (size === 0 || (size & (size - 1)) !== 0) {
      throw new RangeError(`RSS indirection: expected a power of 2 of entries, found ${size}`);
    }
    this.indirection = Uint16Array.from(indirection, (queue, i) =>
      integerIn(`RSS indirection entry ${i}`, queue, 0, 0xffff),
    );
  }

  /** The hash that the NIC would report, 32 bits; 0 for a frame that is not IP. */
  hashOf(frame: Uint8Array): number {
    const found = locateFlow(frame);
    if (found === null) return 0;
    const { addressesStart, addressesEnd, portsStart } = found;
    const hash = toeplitzHash(this.#table, frame, addressesStart, addressesEnd);
    if (portsStart < 0) return hash;
    const position = addressesEnd - addressesStart;
    return toeplitzHash(this.#table, frame, portsStart, portsStart + PORTS_BYTES, hash, position);
  }

  /** The hash of any frame of `flow`. */
  hashOfFlow({ src, dst, ports }: Flow): number {
    const input = this.#scratch;
    let length = src.length + dst.length;
    input.set(src, 0);
    input.set(dst, src.length);
    if (ports !== null) {
      putU16(input, length, ports.sport);
      putU16(input, length + 2, ports.dport);
      length += PORTS_BYTES;
    }
    return toeplitzHash(this.#table, input, 0, length);
  }

  /** The RX queue for a hash. */
  queueOfHash(hash: number): number {
    return this.indirection[hash & (this.indirection.length - 1)]!;
  }

  /** The RX queue that a frame arrives on. */
  queueOf(frame: Uint8Array): number {
    return this.queueOfHash(this.hashOf(frame));
  }
}
