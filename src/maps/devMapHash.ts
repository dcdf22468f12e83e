import { BpfDtabNetdev, BpfMap } from '../arena/layout.generated.js';
import { NetdevMap } from './devMap.js';
import { ERRNO } from './errno.js';
import type { FileTable } from './files.js';
import { BPF_EXIST, BPF_NOEXIST, keyToU32, type Result, u32ToBytes } from './kernelMap.js';

/** DEVMAP_HASH (kernel/bpf/devmap.c). */
export class DevMapHash extends NetdevMap {
  /** `__dev_map_hash_update_elem`. */
  override update(key: Uint8Array, value: Uint8Array, flags: bigint, files: FileTable): number {
    const { arena, control, dp } = this.host;
    const index = keyToU32(key);
    if (flags > BPF_EXIST || keyToU32(value) === 0) return -ERRNO.EINVAL;
    if (flags === BPF_NOEXIST && dp.devMapHashLookup(this.address, index) !== 0)
      return -ERRNO.EEXIST;
    const created = this.createEntry(index, value, files);
    if (typeof created === 'number') return created;
    const old = dp.devMapHashInsert(control.address, this.address, created.entry);
    if (old === created.entry) {
      arena.free(created.entry);
      return -ERRNO.E2BIG;
    }
    this.retire(old);
    return 0;
  }

  override lookup(key: Uint8Array): Result<Uint8Array> {
    const entry = this.host.dp.devMapHashLookup(this.address, keyToU32(key));
    return entry === 0 ? -ERRNO.ENOENT : this.entryValue(entry);
  }

  override delete(key: Uint8Array): number {
    const old = this.host.dp.devMapHashDelete(
      this.host.control.address,
      this.address,
      keyToU32(key),
    );
    this.retire(old);
    return old === 0 ? -ERRNO.ENOENT : 0;
  }

  /** `dev_map_hash_get_next_key`: a key that is not there, or none, asks for the first. */
  override nextKey(key: Uint8Array | null): Result<Uint8Array> {
    const { dp } = this.host;
    const current = key === null ? 0 : dp.devMapHashLookup(this.address, keyToU32(key));
    let bucket = 0;
    if (current !== 0) {
      const next = dp.devMapHashNext(current);
      if (next !== 0) return this.#keyOf(next);
      bucket = (keyToU32(key!) & (this.#nrBuckets - 1)) + 1;
    }
    for (; bucket < this.#nrBuckets; bucket++) {
      const first = dp.devMapHashFirst(this.address, bucket);
      if (first !== 0) return this.#keyOf(first);
    }
    return -ERRNO.ENOENT;
  }

  get #nrBuckets(): number {
    return this.host.arena.get(this.address, BpfMap.nrBuckets);
  }

  #keyOf(entry: number): Uint8Array {
    return u32ToBytes(this.host.arena.get(entry, BpfDtabNetdev.index));
  }

  *#entries(): Generator<number> {
    const { dp } = this.host;
    for (let bucket = 0; bucket < this.#nrBuckets; bucket++) {
      let entry = dp.devMapHashFirst(this.address, bucket);
      while (entry !== 0) {
        // Read first: whoever takes the entry may take it out.
        const next = dp.devMapHashNext(entry);
        yield entry;
        entry = next;
      }
    }
  }

  #remove(entry: number): void {
    this.delete(this.#keyOf(entry));
  }

  /** `dev_map_hash_remove_netdev`. */
  override forgetDevice(device: number): void {
    for (const entry of this.#entries()) if (this.isFor(entry, device)) this.#remove(entry);
  }

  override clear(): void {
    for (const entry of this.#entries()) this.#remove(entry);
  }
}
