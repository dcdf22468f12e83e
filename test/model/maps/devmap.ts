import { Errno } from './errno.js';
import { BPF_EXIST, BPF_NOEXIST } from './flags.js';
import { fileOf, type Kernel } from './kernel.js';
import type { DevEntry, Device, DevMap, DevMapHash } from './objects.js';
import { isCompatible } from './owner.js';
import { type EntryValue, namesProgram } from './value.js';

/** `__dev_map_alloc_node`: the entry, or undefined where device or program is not acceptable (EINVAL for both). */
export function devEntry(
  kernel: Kernel,
  map: DevMap | DevMapHash,
  { first: ifindex, programFd }: EntryValue,
): DevEntry | undefined {
  const device = kernel.devices.get(ifindex);
  if (!device) return undefined;
  if (!namesProgram(programFd)) return { device, program: undefined };
  const file = fileOf(kernel, programFd);
  if (file?.kind !== 'prog' || file.attach !== 'xdp/devmap') return undefined;
  return isCompatible(map, file) ? { device, program: file } : undefined;
}

/** `__dev_map_update_elem`. `BPF_EXIST` is the same as `BPF_ANY`. */
export function updateDevMap(
  kernel: Kernel,
  map: DevMap,
  key: number,
  value: EntryValue,
  flags: bigint,
): number {
  if (flags > BPF_EXIST) return Errno.EINVAL;
  if (key >= map.attributes.maxEntries) return Errno.E2BIG;
  if (flags === BPF_NOEXIST) return Errno.EEXIST;
  if (value.first === 0) {
    if (namesProgram(value.programFd)) return Errno.EINVAL;
    map.slots.delete(key);
    return 0;
  }
  const entry = devEntry(kernel, map, value);
  if (!entry) return Errno.EINVAL;
  map.slots.set(key, entry);
  return 0;
}

/** `dev_map_notification` for `NETDEV_UNREGISTER`; frozen maps are no exception. */
export function forgetDevice(map: DevMap | DevMapHash, gone: Device): void {
  if (map.type === 'devmap') {
    for (const [key, { device }] of map.slots) if (device === gone) map.slots.delete(key);
    return;
  }
  const staying = map.entries.filter(({ entry }) => entry.device !== gone);
  map.entries.splice(0, map.entries.length, ...staying);
}
