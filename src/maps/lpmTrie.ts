import { ERRNO } from './errno.js';
import type { Result } from './kernelMap.js';
import { KeyedMap } from './keyedMap.js';

/** LPM_TRIE (kernel/bpf/lpm_trie.c): keys are `{ u32 prefixlen; u8 data[]; }`. */
export class LpmTrie extends KeyedMap {
  override update(key: Uint8Array, value: Uint8Array, flags: bigint): number {
    return this.host.dp.lpmUpdate(this.address, this.key.put(key), this.value.put(value), flags);
  }

  override lookup(key: Uint8Array): Result<Uint8Array> {
    const at = this.host.dp.lpmLookup(this.address, this.key.put(key));
    if (at === 0) return -ERRNO.ENOENT;
    return this.host.arena.copyFromShared(at, this.attributes.valueSize);
  }

  override delete(key: Uint8Array): number {
    return this.host.dp.lpmDelete(this.address, this.key.put(key));
  }

  protected override findNextKey(key: number, next: number): number {
    return this.host.dp.lpmNextKey(this.address, key, next);
  }
}
