import { BpfCpuMapEntry } from '../arena/layout.generated.js';
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
import { ATTACH_TYPE, type Program } from './objects.js';
import { acceptProgram, readFd } from './programFd.js';

/** Longest queue of an entry, in frames (`cpu_map_update_elem`). */
export const CPUMAP_QSIZE_MAX = 16384;

/** CPUMAP (kernel/bpf/cpumap.c). */
export class CpuMap extends KernelMap {
  override get containsPrograms(): boolean {
    return true;
  }

  override update(key: Uint8Array, value: Uint8Array, flags: bigint, files: FileTable): number {
    const cpu = keyToU32(key);
    const qsize = keyToU32(value);
    if (flags > BPF_EXIST) return -ERRNO.EINVAL;
    if (cpu >= this.maxEntries) return -ERRNO.E2BIG;
    if (flags === BPF_NOEXIST) return -ERRNO.EEXIST;
    if (qsize > CPUMAP_QSIZE_MAX) return -ERRNO.EOVERFLOW;
    if (cpu >= this.host.nrCpus) return -ERRNO.ENODEV;
    if (qsize === 0) {
      this.#replace(cpu, 0);
      return 0;
    }
    const program = acceptProgram(this, files, readFd(value), ATTACH_TYPE.XDP_CPUMAP);
    // `__cpu_map_entry_alloc` fails as a whole, whatever the cause.
    if (program === 'refused') return -ERRNO.ENOMEM;
    this.#replace(cpu, this.#createEntry(cpu, qsize, program));
    return 0;
  }

  /** `__cpu_map_entry_alloc`. */
  #createEntry(cpu: number, qsize: number, program: Program | undefined): number {
    const { arena, dp } = this.host;
    const entry = arena.allocate(dp.cpuMapEntryBytes(qsize));
    dp.cpuMapEntryInit(entry, qsize);
    arena.set(entry, BpfCpuMapEntry.mapId, this.id);
    arena.set(entry, BpfCpuMapEntry.cpu, cpu);
    if (program !== undefined) arena.set(entry, BpfCpuMapEntry.prog, program.address);
    this.host.startKthread(entry, cpu);
    return entry;
  }

  #replace(cpu: number, entry: number): void {
    const old = this.host.dp.pointerExchange(this.address, cpu, entry);
    if (old !== 0) this.host.retireKthread(old);
  }

  override lookup(key: Uint8Array): Result<Uint8Array> {
    const { arena, dp } = this.host;
    const entry = dp.pointerLookup(this.address, keyToU32(key));
    if (entry === 0) return -ERRNO.ENOENT;
    const qsize = arena.get(entry, BpfCpuMapEntry.qsize);
    if (this.attributes.valueSize === 4) return u32ToBytes(qsize);
    return u32ToBytes(qsize, this.host.programAt(arena.get(entry, BpfCpuMapEntry.prog))?.id ?? 0);
  }

  override delete(key: Uint8Array): number {
    const cpu = keyToU32(key);
    if (cpu >= this.maxEntries) return -ERRNO.EINVAL;
    this.#replace(cpu, 0);
    return 0;
  }

  override nextKey(key: Uint8Array | null): Result<Uint8Array> {
    return arrayNextKey(this, key);
  }

  override clear(): void {
    for (let cpu = 0; cpu < this.maxEntries; cpu++) this.#replace(cpu, 0);
  }
}
