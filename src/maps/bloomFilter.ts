import { ERRNO } from './errno.js';
import { KernelMap, type Result } from './kernelMap.js';

/** BLOOM_FILTER (kernel/bpf/bloom_filter.c): no keys; update pushes, and a lookup asks for the value it is given. */
export class BloomFilter extends KernelMap {
  override update(_key: Uint8Array, value: Uint8Array, flags: bigint): number {
    return this.host.dp.bpfMapPushElem(this.address, this.value.put(value), flags);
  }

  override lookup(_key: Uint8Array, value: Uint8Array): Result<Uint8Array> {
    const err = this.host.dp.bpfMapPeekElem(this.address, this.value.put(value));
    return err !== 0 ? err : value;
  }

  override delete(): number {
    return -ERRNO.EOPNOTSUPP;
  }

  override nextKey(): Result<Uint8Array> {
    return -ERRNO.EOPNOTSUPP;
  }
}
