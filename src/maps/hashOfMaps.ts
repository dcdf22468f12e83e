import { ERRNO } from './errno.js';
import type { FileTable } from './files.js';
import { acceptInnerMap, releaseInnerMap } from './innerMap.js';
import { type KernelMap, keyToU32, type Result, u32ToBytes } from './kernelMap.js';
import { KeyedMap } from './keyedMap.js';

/** HASH_OF_MAPS (kernel/bpf/hashtab.c): a hash whose values are addresses of maps. */
export class HashOfMaps extends KeyedMap {
  /** By the key's bytes in hexadecimal. */
  readonly #inner = new Map<string, KernelMap>();

  override update(key: Uint8Array, value: Uint8Array, flags: bigint, files: FileTable): number {
    const inner = acceptInnerMap(this.innerMeta, keyToU32(value) | 0, files);
    if (typeof inner === 'number') return inner;
    const { dp } = this.host;
    const address = this.value.put(u32ToBytes(inner.address));
    const err = dp.hashUpdate(this.address, this.key.put(key), address, flags, 0);
    if (err !== 0) {
      releaseInnerMap(inner);
      return err;
    }
    this.#replace(key, inner);
    return 0;
  }

  override delete(key: Uint8Array): number {
    const err = this.host.dp.hashDelete(this.address, this.key.put(key));
    if (err === 0) this.#replace(key, undefined);
    return err;
  }

  #replace(key: Uint8Array, inner: KernelMap | undefined): void {
    const name = Buffer.from(key).toString('hex');
    const old = this.#inner.get(name);
    if (inner === undefined) this.#inner.delete(name);
    else this.#inner.set(name, inner);
    if (old !== undefined) releaseInnerMap(old);
  }

  /** The inner map's id. */
  override lookup(key: Uint8Array): Result<Uint8Array> {
    const inner = this.#inner.get(Buffer.from(key).toString('hex'));
    return inner === undefined ? -ERRNO.ENOENT : u32ToBytes(inner.id);
  }

  protected override findNextKey(key: number, next: number): number {
    return this.host.dp.hashNextKey(this.address, key, next);
  }

  override clear(): void {
    for (const inner of this.#inner.values()) releaseInnerMap(inner);
    this.#inner.clear();
  }
}
