import type { Descriptor } from '../mapTrace.js';
import { Errno } from './errno.js';
import { BPF_EXIST, BPF_NOEXIST } from './flags.js';
import { fileOf, type Kernel } from './kernel.js';
import type { Socket, XskMap } from './objects.js';

/** `xsk_map_update_elem`. Unbound sockets are accepted. */
export function updateXskMap(
  kernel: Kernel,
  map: XskMap,
  key: number,
  fd: Descriptor,
  flags: bigint,
): number {
  if (flags > BPF_EXIST) return Errno.EINVAL;
  if (key >= map.attributes.maxEntries) return Errno.E2BIG;
  const file = fileOf(kernel, fd);
  if (!file) return Errno.EBADF;
  if (file.kind !== 'socket') return Errno.ENOTSOCK;
  if (file.family !== 'xsk') return Errno.EOPNOTSUPP;
  const old = map.slots.get(key);
  // Before both existence checks: whatever the flags say.
  if (old === file) return 0;
  if (old && flags === BPF_NOEXIST) return Errno.EEXIST;
  if (!old && flags === BPF_EXIST) return Errno.ENOENT;
  map.slots.set(key, file);
  return 0;
}

/** `xsk_delete_from_maps`: a closed socket leaves all slots. */
export function forgetSocket(map: XskMap, gone: Socket): void {
  for (const [key, socket] of map.slots) if (socket === gone) map.slots.delete(key);
}
