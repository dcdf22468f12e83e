/**
 * Memory of the arena, handed out by the control plane alone: first fit over a list of free extents, joined when freed.
 * What is handed out is zeroed and starts on a LINE of its own.
 */
export class Allocator {
  readonly #alignBytes: number;
  readonly #capacity: number;
  readonly #zero: (address: number, bytes: number) => void;
  /** Free extents by address; never two that touch. */
  readonly #free: Extent[];
  readonly #sizes = new Map<number, number>();
  /** Above this nothing was ever handed out: it is zero already. */
  #highWater: number;

  /** Hands out `start` .. `end`, which is zero to begin with. */
  constructor(
    start: number,
    end: number,
    alignBytes: number,
    zero: (address: number, bytes: number) => void,
  ) {
    this.#alignBytes = alignBytes;
    this.#zero = zero;
    const first = roundUp(start, alignBytes);
    this.#capacity = end - first;
    this.#free = [{ address: first, bytes: end - first }];
    this.#highWater = first;
  }

  /** Bytes handed out and not freed. */
  get usedBytes(): number {
    let used = 0;
    for (const bytes of this.#sizes.values()) used += bytes;
    return used;
  }

  /** First address that was never handed out. */
  get highWater(): number {
    return this.#highWater;
  }

  /** Address of `bytes` of zeroed memory. Throws `ArenaFullError`. */
  allocate(bytes: number): number {
    const size = roundUp(Math.max(bytes, 1), this.#alignBytes);
    const index = this.#free.findIndex((extent) => extent.bytes >= size);
    const extent = this.#free[index];
    if (extent === undefined) throw new ArenaFullError(bytes, this.#capacity - this.usedBytes);
    const { address } = extent;
    extent.address += size;
    extent.bytes -= size;
    if (extent.bytes === 0) this.#free.splice(index, 1);
    if (address < this.#highWater) this.#zero(address, Math.min(size, this.#highWater - address));
    this.#highWater = Math.max(this.#highWater, address + size);
    this.#sizes.set(address, size);
    return address;
  }

  /** Gives back what `allocate` returned. */
  free(address: number): void {
    const bytes = this.#sizes.get(address);
    if (bytes === undefined)
      throw new RangeError(`address ${address} of the arena is not allocated`);
    this.#sizes.delete(address);
    const index = this.#free.findIndex((extent) => extent.address > address);
    this.#free.splice(index === -1 ? this.#free.length : index, 0, { address, bytes });
    this.#join(index === -1 ? this.#free.length - 1 : index);
  }

  #join(index: number): void {
    const extent = this.#free[index]!;
    const next = this.#free[index + 1];
    if (next && extent.address + extent.bytes === next.address) {
      extent.bytes += next.bytes;
      this.#free.splice(index + 1, 1);
    }
    const previous = this.#free[index - 1];
    if (previous && previous.address + previous.bytes === extent.address) {
      previous.bytes += extent.bytes;
      this.#free.splice(index, 1);
    }
  }
}

interface Extent {
  address: number;
  bytes: number;
}

/** The arena has no room for what was asked. */
export class ArenaFullError extends Error {
  override readonly name = 'ArenaFullError';

  readonly wantedBytes: number;
  readonly freeBytes: number;

  constructor(wantedBytes: number, freeBytes: number) {
    super(
      `the arena has no ${wantedBytes} bytes in one piece (${freeBytes} bytes are free): ` +
        'use fewer receive queues, CPUs and sockets, or smaller maps and rings',
    );
    this.wantedBytes = wantedBytes;
    this.freeBytes = freeBytes;
  }
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
