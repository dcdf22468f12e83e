import type { Arena } from '../arena/arena.js';

/** Bytes in the arena through which a system call passes a key or value to the data plane. */
export class ScratchBuffer {
  readonly #arena: Arena;
  readonly address: number;

  constructor(arena: Arena, address: number) {
    this.#arena = arena;
    this.address = address;
  }

  /** Copies `bytes` in; returns their address. */
  put(bytes: Uint8Array): number {
    this.#arena.u8.set(bytes, this.address);
    return this.address;
  }
}

/** Values are kept and copied in multiples of 8 bytes. */
export function round8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
