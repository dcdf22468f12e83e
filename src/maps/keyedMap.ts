import { KernelMap, type Result } from './kernelMap.js';

/** A map whose keys are bytes that the data plane looks for. */
export abstract class KeyedMap extends KernelMap {
  /** Asks the data plane for the key after `key` (0: the first): it writes to `next` and returns 0 or a negative errno. */
  protected abstract findNextKey(key: number, next: number): number;

  override nextKey(key: Uint8Array | null): Result<Uint8Array> {
    const next = this.next.address;
    const err = this.findNextKey(key === null ? 0 : this.key.put(key), next);
    return err !== 0 ? err : this.host.arena.u8.slice(next, next + this.attributes.keySize);
  }
}
