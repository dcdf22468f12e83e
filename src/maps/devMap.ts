import { BpfDtabNetdev, Device } from '../arena/layout.generated.js';
import { ERRNO } from './errno.js';
import type { FileTable } from './files.js';
import {
  arrayNextKey,
  BPF_EXIST,
  BPF_NOEXIST,
  KernelMap,
  keyToU32,
  type Result,
  u32ToBytes,
} from './kernelMap.js';
import { BPF_F_RDONLY_PROG } from './mapFlags.js';
import { ATTACH_TYPE } from './objects.js';
import { acceptProgram, readFd } from './programFd.js';

/** What DEVMAP and DEVMAP_HASH share (kernel/bpf/devmap.c): entries that name a device, and perhaps a program. */
export abstract class NetdevMap extends KernelMap {
  /** Programs cannot write the map (`dev_map_init_map`). */
  override get infoFlags(): number {
    return super.infoFlags | BPF_F_RDONLY_PROG;
  }

  /** `__dev_map_alloc_node`: the entry, or -EINVAL (no such device, program not acceptable). */
  protected createEntry(
    key: number,
    value: Uint8Array,
    files: FileTable,
  ): Result<{ entry: number }> {
    const { arena, dp } = this.host;
    const device = this.host.deviceByIfindex(keyToU32(value));
    if (device === 0) return -ERRNO.EINVAL;
    const program = acceptProgram(this, files, readFd(value), ATTACH_TYPE.XDP_DEVMAP);
    if (program === 'refused') return -ERRNO.EINVAL;
    const entry = arena.allocate(dp.devMapEntryBytes());
    arena.set(entry, BpfDtabNetdev.dev, device);
    arena.set(entry, BpfDtabNetdev.index, key);
    if (program !== undefined) arena.set(entry, BpfDtabNetdev.prog, program.address);
    return { entry };
  }

  protected entryValue(entry: number): Uint8Array {
    const { arena } = this.host;
    const ifindex = arena.get(arena.get(entry, BpfDtabNetdev.dev), Device.ifindex);
    if (this.attributes.valueSize === 4) return u32ToBytes(ifindex);
    return u32ToBytes(ifindex, this.host.programAt(arena.get(entry, BpfDtabNetdev.prog))?.id ?? 0);
  }

  protected retire(entry: number): void {
    if (entry !== 0) this.host.freeAfterGracePeriod(entry);
  }

  protected isFor(entry: number, device: number): boolean {
    return entry !== 0 && this.host.arena.get(entry, BpfDtabNetdev.dev) === device;
  }
}

/** DEVMAP. */
export class DevMap extends NetdevMap {
  override get containsPrograms(): boolean {
    return true;
  }

  /** `__dev_map_update_elem`. */
  override update(key: Uint8Array, value: Uint8Array, flags: bigint, files: FileTable): number {
    const index = keyToU32(key);
    if (flags > BPF_EXIST) return -ERRNO.EINVAL;
    if (index >= this.maxEntries) return -ERRNO.E2BIG;
    if (flags === BPF_NOEXIST) return -ERRNO.EEXIST;
    if (keyToU32(value) === 0) {
      if (readFd(value) > 0) return -ERRNO.EINVAL;
      this.#replace(index, 0);
      return 0;
    }
    const created = this.createEntry(index, value, files);
    if (typeof created === 'number') return created;
    this.#replace(index, created.entry);
    return 0;
  }

  #replace(index: number, entry: number): void {
    this.retire(this.host.dp.pointerExchange(this.address, index, entry));
  }

  override lookup(key: Uint8Array): Result<Uint8Array> {
    const entry = this.host.dp.pointerLookup(this.address, keyToU32(key));
    return entry === 0 ? -ERRNO.ENOENT : this.entryValue(entry);
  }

  override delete(key: Uint8Array): number {
    const index = keyToU32(key);
    if (index >= this.maxEntries) return -ERRNO.EINVAL;
    this.#replace(index, 0);
    return 0;
  }

  override nextKey(key: Uint8Array | null): Result<Uint8Array> {
    return arrayNextKey(this, key);
  }

  /** `dev_map_notification`. */
  override forgetDevice(device: number): void {
    for (let index = 0; index < this.maxEntries; index++) {
      if (this.isFor(this.host.dp.pointerLookup(this.address, index), device))
        this.#replace(index, 0);
    }
  }

  override clear(): void {
    for (let index = 0; index < this.maxEntries; index++) this.#replace(index, 0);
  }
}
