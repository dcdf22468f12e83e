import { ERRNO } from './errno.js';
import type { FileTable } from './files.js';
import { arrayNextKey, BPF_ANY, KernelMap, keyToU32, type Result } from './kernelMap.js';

/** What an entry of a map of descriptors stands for. */
export interface Target {
  /** What the data plane is given: not 0. */
  readonly address: number;
}

/** Arrays of what descriptors stand for (`bpf_fd_array_map_ops` of kernel/bpf/arraymap.c). */
export abstract class FdArray<T extends Target> extends KernelMap {
  /** What each slot that is not empty holds. */
  protected readonly targets = new Map<number, T>();

  /** `map_fd_get_ptr`: what the descriptor stands for, or a negative errno. */
  protected abstract resolve(fd: number, files: FileTable): Result<T>;

  /** `map_fd_put_ptr`: the slot no longer holds it. */
  protected release(_target: T): void {}

  override update(key: Uint8Array, value: Uint8Array, flags: bigint, files: FileTable): number {
    const index = keyToU32(key);
    if (flags !== BPF_ANY) return -ERRNO.EINVAL;
    if (index >= this.maxEntries) return -ERRNO.E2BIG;
    const target = this.resolve(keyToU32(value) | 0, files);
    if (typeof target === 'number') return target;
    this.#replace(index, target);
    return 0;
  }

  override delete(key: Uint8Array): number {
    const index = keyToU32(key);
    if (index >= this.maxEntries) return -ERRNO.E2BIG;
    return this.#replace(index, undefined) === undefined ? -ERRNO.ENOENT : 0;
  }

  #replace(index: number, target: T | undefined): T | undefined {
    const old = this.targets.get(index);
    if (target === undefined) this.targets.delete(index);
    else this.targets.set(index, target);
    this.host.dp.pointerExchange(this.address, index, target?.address ?? 0);
    if (old !== undefined) this.release(old);
    return old;
  }

  override nextKey(key: Uint8Array | null): Result<Uint8Array> {
    return arrayNextKey(this, key);
  }

  override clear(): void {
    for (const index of [...this.targets.keys()]) this.#replace(index, undefined);
  }
}
