import { MapType } from '../arena/layout.generated.js';
import { ERRNO } from './errno.js';
import {
  arrayNextKey,
  BPF_EXIST,
  BPF_NOEXIST,
  KernelMap,
  keyToU32,
  type Result,
} from './kernelMap.js';
import { round8 } from './scratchBuffer.js';

/** ARRAY and PERCPU_ARRAY (kernel/bpf/arraymap.c). */
export class ArrayMap extends KernelMap {
  get #isPerCpu(): boolean {
    return this.type === MapType.PERCPU_ARRAY;
  }

  /** Per-CPU values are one a CPU, each rounded up to 8 bytes. */
  override get syscallValueBytes(): number {
    const { valueSize } = this.attributes;
    return this.type === MapType.PERCPU_ARRAY ? round8(valueSize) * this.host.nrCpus : valueSize;
  }

  override update(key: Uint8Array, value: Uint8Array, flags: bigint): number {
    const index = keyToU32(key);
    if (!this.#isPerCpu) {
      return this.host.dp.arrayUpdate(this.address, index, this.value.put(value), flags);
    }
    if (flags > BPF_EXIST) return -ERRNO.EINVAL;
    if (index >= this.maxEntries) return -ERRNO.E2BIG;
    if (flags === BPF_NOEXIST) return -ERRNO.EEXIST;
    const stride = round8(this.attributes.valueSize);
    for (let cpu = 0; cpu < this.host.nrCpus; cpu++) {
      const at = this.host.dp.arrayValueOfCpu(this.address, index, cpu);
      // `copy_map_value_long`: the padding travels along.
      const start = cpu * stride;
      this.host.arena.copyToShared(at, value.subarray(start, start + stride));
    }
    return 0;
  }

  override lookup(key: Uint8Array, _value?: Uint8Array, flags = 0n): Result<Uint8Array> {
    const { arena, dp, nrCpus } = this.host;
    const index = keyToU32(key);
    if (index >= this.maxEntries) return -ERRNO.ENOENT;
    const { valueSize } = this.attributes;
    const stride = round8(valueSize);
    if (!this.#isPerCpu) return this.copyOut(dp.arrayValueOfCpu(this.address, index, 0), flags);
    const value = new Uint8Array(stride * nrCpus);
    for (let cpu = 0; cpu < nrCpus; cpu++) {
      const at = dp.arrayValueOfCpu(this.address, index, cpu);
      value.set(arena.copyFromShared(at, stride), cpu * stride);
    }
    return value;
  }

  override delete(): number {
    return -ERRNO.EINVAL;
  }

  override nextKey(key: Uint8Array | null): Result<Uint8Array> {
    return arrayNextKey(this, key);
  }
}
