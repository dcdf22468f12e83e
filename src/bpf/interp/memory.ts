import type { Size } from '../isa/insn.js';

/** Memory as an interpreted program sees it. Undefined or false: the program may not touch these bytes. */
export interface BpfMemory {
  load(address: bigint, size: Size): bigint | undefined;
  store(address: bigint, size: Size, value: bigint): boolean;
  /** Replaces a naturally aligned value in one step and returns the old one. `change` may be called again. */
  update(address: bigint, size: 4 | 8, change: (old: bigint) => bigint): bigint | undefined;
}

/** Bytes that a program may touch: from `start` up to but not including `end`. */
export interface Region {
  readonly start: number;
  readonly end: number;
}

/**
 * Regions of a buffer, addressed by offset. `update` is not atomic against other threads: this is the oracle's memory,
 * which has the buffer to itself.
 */
export class RegionMemory implements BpfMemory {
  readonly #view: DataView;
  readonly #regions: readonly Region[];

  constructor(buffer: ArrayBuffer | SharedArrayBuffer, regions: readonly Region[]) {
    this.#view = new DataView(buffer);
    this.#regions = regions;
  }

  load(address: bigint, size: Size): bigint | undefined {
    if (!this.#allows(address, size)) return undefined;
    const at = Number(address);
    switch (size) {
      case 1:
        return BigInt(this.#view.getUint8(at));
      case 2:
        return BigInt(this.#view.getUint16(at, true));
      case 4:
        return BigInt(this.#view.getUint32(at, true));
      case 8:
        return this.#view.getBigUint64(at, true);
    }
  }

  store(address: bigint, size: Size, value: bigint): boolean {
    if (!this.#allows(address, size)) return false;
    const at = Number(address);
    const low = Number(BigInt.asIntN(32, value));
    switch (size) {
      case 1:
        this.#view.setUint8(at, low);
        break;
      case 2:
        this.#view.setUint16(at, low, true);
        break;
      case 4:
        this.#view.setUint32(at, low, true);
        break;
      case 8:
        this.#view.setBigUint64(at, value, true);
        break;
    }
    return true;
  }

  update(address: bigint, size: 4 | 8, change: (old: bigint) => bigint): bigint | undefined {
    const old = this.load(address, size);
    if (old !== undefined) this.store(address, size, change(old));
    return old;
  }

  #allows(address: bigint, size: Size): boolean {
    return this.#regions.some(
      ({ start, end }) => address >= BigInt(start) && address + BigInt(size) <= BigInt(end),
    );
  }
}
