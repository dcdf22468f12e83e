import { MapType } from '../arena/layout.generated.js';
import { ERRNO } from './errno.js';
import type { Result } from './kernelMap.js';
import { KeyedMap } from './keyedMap.js';
import { round8 } from './scratchBuffer.js';

/** HASH, PERCPU_HASH and their LRU forms (kernel/bpf/hashtab.c). */
export class HashMap extends KeyedMap {
  override get syscallValueBytes(): number {
    const { valueSize } = this.attributes;
    const isPerCpu = this.type === MapType.PERCPU_HASH || this.type === MapType.LRU_PERCPU_HASH;
    return isPerCpu ? round8(valueSize) * this.host.nrCpus : valueSize;
  }

  override update(key: Uint8Array, value: Uint8Array, flags: bigint): number {
    const { dp } = this.host;
    return dp.hashUpdate(this.address, this.putKey(key), this.putValue(value), flags, 1);
  }

  /** In an LRU map that is no use of the entry (`htab_lru_map_lookup_elem_sys`). */
  override lookup(key: Uint8Array): Result<Uint8Array> {
    const element = this.host.dp.hashFind(this.address, this.putKey(key));
    if (element === 0) return -ERRNO.ENOENT;
    const at = this.host.dp.hashValueOf(element);
    return this.host.arena.u8.slice(at, at + this.syscallValueBytes);
  }

  override delete(key: Uint8Array): number {
    return this.host.dp.hashDelete(this.address, this.putKey(key));
  }

  protected override findNextKey(key: number, next: number): number {
    return this.host.dp.hashNextKey(this.address, key, next);
  }

  override lookupAndDelete(key: Uint8Array): Result<Uint8Array> {
    const value = this.lookup(key);
    if (typeof value === 'number') return value;
    const err = this.delete(key);
    return err !== 0 ? err : value;
  }
}
