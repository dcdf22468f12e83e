import { KernelMap, type Result } from './kernelMap.js';
import { ScratchBuffer } from './scratchBuffer.js';

/** A map whose keys are bytes that the data plane reads in the arena. */
export abstract class KeyedMap extends KernelMap {
  readonly #key = new ScratchBuffer(this.host.arena, this.attributes.keySize);
  readonly #next = new ScratchBuffer(this.host.arena, this.attributes.keySize);
  readonly #value = new ScratchBuffer(this.host.arena, this.syscallValueBytes);

  /** Copies a key into the arena; returns its address. */
  protected putKey(key: Uint8Array): number {
    return this.#key.put(key);
  }

  protected putValue(value: Uint8Array): number {
    return this.#value.put(value);
  }

  /** Asks the data plane for the key after `key` (0: the first): it writes to `next` and returns 0 or a negative errno. */
  protected abstract findNextKey(key: number, next: number): number;

  override nextKey(key: Uint8Array | null): Result<Uint8Array> {
    const next = this.#next.address;
    const err = this.findNextKey(key === null ? 0 : this.putKey(key), next);
    return err !== 0 ? err : this.host.arena.u8.slice(next, next + this.attributes.keySize);
  }

  override clear(): void {
    for (const buffer of [this.#key, this.#next, this.#value]) buffer.free();
  }
}
