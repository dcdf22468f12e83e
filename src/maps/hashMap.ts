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
    return dp.hashUpdate(this.address, this.key.put(key), this.value.put(value), flags, 1);
  }

  /** In an LRU map that is no use of the entry (`htab_lru_map_lookup_elem_sys`). */
  override lookup(key: Uint8Array, _value?: Uint8Array, flags = 0n): Result<Uint8Array> {
    const { arena, dp } = this.host;
    const element = dp.hashFind(this.address, this.key.put(key));
    if (element === 0) return -ERRNO.ENOENT;
    if (this.hasSpinLock) return this.copyOut(dp.hashValueOf(element), flags);
    return arena.copyFromShared(dp.hashValueOf(element), this.syscallValueBytes);
  }

  override delete(key: Uint8Array): number {
    return this.host.dp.hashDelete(this.address, this.key.put(key));
  }

  protected override findNextKey(key: number, next: number): number {
    return this.host.dp.hashNextKey(this.address, key, next);
  }

  override lookupAndDelete(key: Uint8Array): Result<Uint8Array> {
    const { arena, dp } = this.host;
    const { address } = this.value;
    const err = dp.hashLookupAndDelete(this.address, this.key.put(key), address);
    if (err === 0) dp.initLock(this.address, address);
    return err !== 0 ? err : arena.u8.slice(address, address + this.syscallValueBytes);
  }
}
