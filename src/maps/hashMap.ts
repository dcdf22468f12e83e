import { MapType } from '../arena/layout.generated.js';
import { ERRNO } from './errno.js';
import { KernelMap, type Result } from './kernelMap.js';
import { round8 } from './scratchBuffer.js';

/** HASH and PERCPU_HASH (kernel/bpf/hashtab.c). */
export class HashMap extends KernelMap {
  override get syscallValueBytes(): number {
    const { valueSize } = this.attributes;
    return this.type === MapType.PERCPU_HASH ? round8(valueSize) * this.host.nrCpus : valueSize;
  }

  override update(key: Uint8Array, value: Uint8Array, flags: bigint): number {
    return this.host.dp.hashUpdate(
      this.address,
      this.key.put(key),
      this.value.put(value),
      flags,
      1,
    );
  }

  override lookup(key: Uint8Array): Result<Uint8Array> {
    const element = this.host.dp.hashFind(this.address, this.key.put(key));
    if (element === 0) return -ERRNO.ENOENT;
    const at = this.host.dp.hashValueOf(element);
    return this.host.arena.copyFromShared(at, this.syscallValueBytes);
  }

  override delete(key: Uint8Array): number {
    return this.host.dp.hashDelete(this.address, this.key.put(key));
  }

  override nextKey(key: Uint8Array | null): Result<Uint8Array> {
    const { arena, dp } = this.host;
    const err = dp.hashNextKey(
      this.address,
      key === null ? 0 : this.key.put(key),
      this.next.address,
    );
    return err !== 0
      ? err
      : arena.u8.slice(this.next.address, this.next.address + this.attributes.keySize);
  }

  override lookupAndDelete(key: Uint8Array): Result<Uint8Array> {
    const { arena, dp } = this.host;
    const err = dp.hashLookupAndDelete(this.address, this.key.put(key), this.value.address);
    const { address } = this.value;
    return err !== 0 ? err : arena.u8.slice(address, address + this.syscallValueBytes);
  }
}
