import { ERRNO } from './errno.js';
import type { FileTable } from './files.js';
import {
  arrayNextKey,
  BPF_EXIST,
  BPF_NOEXIST,
  KernelMap,
  keyToU32,
  type Result,
} from './kernelMap.js';

/** XSKMAP (net/xdp/xskmap.c). */
export class XskMap extends KernelMap {
  /** `xsk_map_update_elem`. */
  override update(key: Uint8Array, value: Uint8Array, flags: bigint, files: FileTable): number {
    const { dp } = this.host;
    const index = keyToU32(key);
    if (flags > BPF_EXIST) return -ERRNO.EINVAL;
    if (index >= this.maxEntries) return -ERRNO.E2BIG;
    // A descriptor is signed: -1 is not open.
    const file = files.get(keyToU32(value) | 0);
    if (file === undefined) return -ERRNO.EBADF;
    if (file.kind !== 'socket') return -ERRNO.ENOTSOCK;
    if (!file.socket.isXsk) return -ERRNO.EOPNOTSUPP;
    const old = dp.pointerLookup(this.address, index);
    if (old === file.socket.address) return 0;
    if (old !== 0 && flags === BPF_NOEXIST) return -ERRNO.EEXIST;
    if (old === 0 && flags === BPF_EXIST) return -ERRNO.ENOENT;
    dp.pointerExchange(this.address, index, file.socket.address);
    return 0;
  }

  /** The socket has no number that user space could be told (`xsk_map_lookup_elem_sys_only`). */
  override lookup(): Result<Uint8Array> {
    return -ERRNO.EOPNOTSUPP;
  }

  override delete(key: Uint8Array): number {
    const index = keyToU32(key);
    if (index >= this.maxEntries) return -ERRNO.EINVAL;
    this.host.dp.pointerExchange(this.address, index, 0);
    return 0;
  }

  override nextKey(key: Uint8Array | null): Result<Uint8Array> {
    return arrayNextKey(this, key);
  }

  /** `xsk_delete_from_maps`. */
  override forgetSocket(socket: number): void {
    for (let index = 0; index < this.maxEntries; index++) {
      if (this.host.dp.pointerLookup(this.address, index) === socket) {
        this.host.dp.pointerExchange(this.address, index, 0);
      }
    }
  }
}
