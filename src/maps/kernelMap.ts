import type { Arena } from '../arena/arena.js';
import { BpfMap, MapType } from '../arena/layout.generated.js';
import { ERRNO } from './errno.js';
import type { FileTable } from './files.js';
import { HashChains } from './hashChains.js';
import { BPF_F_ACCESS, BPF_F_NO_PREALLOC } from './mapFlags.js';
import type { MapHost, Program } from './objects.js';
import { round8, ScratchBuffer } from './scratchBuffer.js';

/** Attributes of BPF_MAP_CREATE; those absent are zero. */
export interface MapAttributes {
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly mapFlags: number;
  readonly numaNode?: number;
  readonly name?: string;
  readonly mapExtra?: bigint;
  readonly mapIfindex?: number;
  readonly btfFd?: number;
  readonly btfKeyTypeId?: number;
  readonly btfValueTypeId?: number;
  /** Where in a value its `struct bpf_spin_lock` is, as the value's BTF says; none without. */
  readonly spinLock?: number;
  /** Of maps of maps: a map like those that will be their values. */
  readonly innerMapFd?: number;
}

/** A value, or a negative errno. */
export type Result<T> = T | number;

/** Flags of an update (`BPF_ANY`, `BPF_NOEXIST`, `BPF_EXIST`). */
export const BPF_ANY = 0n;
export const BPF_NOEXIST = 1n;
export const BPF_EXIST = 2n;
export const BPF_F_LOCK = 4n;

/**
 * A map of one type: the type's own rules, behind the checks that all types share (`syscall.ts`). Methods return 0 or
 * a value, or a negative errno.
 */
export abstract class KernelMap {
  readonly id: number;
  readonly attributes: MapAttributes;
  /** Its `BpfMap`. */
  readonly address: number;
  frozen = false;
  /** Open descriptors, and programs that use it. */
  references = 0;
  protected readonly host: MapHost;
  /** Of maps of maps: what their values are like. */
  protected readonly innerMeta: MapAttributes;
  /** A key, the key after it, and a value, on their way between a system call and the data plane. */
  protected readonly key: ScratchBuffer;
  protected readonly next: ScratchBuffer;
  protected readonly value: ScratchBuffer;
  /** What is behind the `BpfMap`: the machine's own part, and the values that programs may touch. 0 for none. */
  readonly #storage: number;
  readonly #values: number;
  readonly #valuesBytes: number;
  /** `map->owner`: set by the first program that gets as far as the compatibility check, for good. */
  #ownerHasFrags: boolean | undefined;

  /** `innerMeta`: for maps of maps; others have no use for it. */
  constructor(
    host: MapHost,
    id: number,
    attributes: MapAttributes,
    innerMeta: MapAttributes = attributes,
  ) {
    const { type, keySize, valueSize, maxEntries, mapFlags, mapExtra = 0n } = attributes;
    const { arena, dp } = host;
    this.host = host;
    this.id = id;
    this.attributes = attributes;
    this.innerMeta = innerMeta;
    const extra = Number(mapExtra);
    const spinLock = attributes.spinLock === undefined ? 0 : attributes.spinLock + 1;
    const keyBytes = round8(keySize);
    const scratch = round8(BpfMap.SIZE);
    const capacity = capacityOf(host, attributes);
    const parts = [
      scratch + 2 * keyBytes + this.syscallValueBytes,
      Number(dp.mapStorageBytes(type, keySize, valueSize, capacity, extra)),
      Number(dp.mapValuesBytes(type, valueSize, capacity)),
    ] as const;
    const isForPrograms = dp.mapValuesAreForPrograms(type) !== 0;
    const [address, storage, values] = allocateParts(arena, parts, isForPrograms);
    this.key = new ScratchBuffer(arena, address + scratch);
    this.next = new ScratchBuffer(arena, address + scratch + keyBytes);
    this.value = new ScratchBuffer(arena, address + scratch + 2 * keyBytes);
    this.#storage = storage;
    this.#values = values;
    const fields = {
      id,
      type,
      keySize,
      valueSize,
      maxEntries,
      capacity,
      flags: mapFlags,
      spinLock,
    };
    arena.assign(address, BpfMap, fields as never);
    dp.mapInit(address, storage, values, extra);
    this.#valuesBytes = parts[2];
    this.address = host.mapTable.add(address, this.#valuesBytes);
  }

  get type(): MapType {
    return this.attributes.type as MapType;
  }

  get maxEntries(): number {
    return this.attributes.maxEntries;
  }

  /** `map_flags` as BPF_OBJ_GET_INFO_BY_FD tells them. */
  get infoFlags(): number {
    return this.attributes.mapFlags & ~BPF_F_ACCESS;
  }

  abstract update(key: Uint8Array, value: Uint8Array, flags: bigint, files: FileTable): number;
  /** `value`: what the caller's buffer holds, which a bloom filter asks for. `flags`: BPF_F_LOCK, where values have one. */
  abstract lookup(key: Uint8Array, value: Uint8Array, flags?: bigint): Result<Uint8Array>;
  abstract delete(key: Uint8Array): number;
  abstract nextKey(key: Uint8Array | null): Result<Uint8Array>;

  lookupAndDelete(_key: Uint8Array): Result<Uint8Array> {
    return -ERRNO.ENOTSUPP;
  }

  get hasSpinLock(): boolean {
    return this.attributes.spinLock !== undefined;
  }

  /** `bpf_map_copy_value`: the value at `at`, its lock free, copied under that lock if `flags` say so. */
  protected copyOut(at: number, flags: bigint): Result<Uint8Array> {
    const { arena, dp } = this.host;
    const { valueSize } = this.attributes;
    if (!this.hasSpinLock) return arena.copyFromShared(at, valueSize);
    const copy = this.value.address;
    if ((flags & BPF_F_LOCK) === 0n) arena.u8.set(arena.copyFromShared(at, valueSize), copy);
    else {
      const err = dp.copyValueLocked(this.address, copy, at, at);
      if (err !== 0) return err;
    }
    dp.initLock(this.address, copy);
    return arena.u8.slice(copy, copy + valueSize);
  }

  /** The buckets of a hash; undefined for other types. */
  get hashChains(): HashChains | undefined {
    const { arena } = this.host;
    const { type, keySize } = this.attributes;
    return isHash(type) ? new HashChains(arena, this.address, keySize) : undefined;
  }

  /** Bytes of a value as the system call copies it. */
  get syscallValueBytes(): number {
    return this.attributes.valueSize;
  }

  /** NETDEV_UNREGISTER: entries of the device vanish. */
  forgetDevice(_device: number): void {}

  /** The socket was closed: its entries vanish. */
  forgetSocket(_socket: number): void {}

  /** Takes out every entry, as when the map is freed. */
  clear(): void {}

  /** The last reference is gone: memory goes after a grace period. */
  destroy(): void {
    this.clear();
    this.host.afterGracePeriod(() => {
      this.host.mapTable.delete(this.address, this.#valuesBytes);
      this.host.afterGracePeriod(() => this.#free());
    });
  }

  #free(): void {
    for (const part of [this.#storage, this.#values, this.address])
      if (part !== 0) this.host.arena.free(part);
  }

  /**
   * `bpf_prog_map_compatible`: whether `program` may be used with this map. The first one to be asked about fixes
   * `xdp_has_frags` for the map's lifetime. A program that is bound to a device is refused before that.
   */
  isCompatible(program: Program): boolean {
    if (program.isDevBound === true) return false;
    this.#ownerHasFrags ??= program.hasFrags;
    return this.#ownerHasFrags === program.hasFrags;
  }

  /** Whether loading a program that names the map asks about compatibility (`map_type_contains_progs`). */
  get containsPrograms(): boolean {
    return false;
  }
}

/** How much of the arena's memory a map that is not preallocated may take at most, as one part of so many. */
const NO_PREALLOC_PART = 16;

/**
 * Entries that a map has memory for. A hash that is not preallocated (BPF_F_NO_PREALLOC) may name more than it ever has, as
 * the kernel allocates each when it comes: it gets a part of what there is, and -ENOMEM beyond.
 */
function capacityOf({ arena, dp }: MapHost, attributes: MapAttributes): number {
  const { type, keySize, valueSize, maxEntries, mapFlags } = attributes;
  if (!isHash(type) || (mapFlags & BPF_F_NO_PREALLOC) === 0) return maxEntries;
  const mostBytes = arena.u8.length / NO_PREALLOC_PART;
  let capacity = maxEntries;
  const bytes = () =>
    Number(dp.mapStorageBytes(type, keySize, valueSize, capacity, 0)) +
    Number(dp.mapValuesBytes(type, valueSize, capacity));
  while (capacity > 1 && bytes() > mostBytes) capacity = Math.ceil(capacity / 2);
  return capacity;
}

const hashes: ReadonlySet<number> = new Set([
  MapType.HASH,
  MapType.PERCPU_HASH,
  MapType.LRU_HASH,
  MapType.LRU_PERCPU_HASH,
  MapType.HASH_OF_MAPS,
]);

function isHash(type: number): boolean {
  return hashes.has(type);
}

type Parts = readonly [own: number, storage: number, values: number];

/** All or none: the machine's own part, the storage, and the values, which programs may touch or not; 0 for no bytes. */
function allocateParts(arena: Arena, bytes: Parts, isForPrograms: boolean): Parts {
  const parts: number[] = [];
  try {
    for (const [index, size] of bytes.entries()) {
      const allocate = index === 2 && isForPrograms ? arena.allocateForPrograms : arena.allocate;
      parts.push(size === 0 ? 0 : allocate.call(arena, size));
    }
    return parts as unknown as Parts;
  } catch (error) {
    for (const part of parts) if (part !== 0) arena.free(part);
    throw error;
  }
}

export const NUMA_NO_NODE = 0xffffffff;

/** The u32 in a key, little endian. */
export function keyToU32(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset, key.length).getUint32(0, true);
}

export function u32ToBytes(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

/** `array_map_get_next_key`, which cpumap, devmap and xskmap share: contents do not matter. */
export function arrayNextKey(map: KernelMap, key: Uint8Array | null): Result<Uint8Array> {
  const index = key === null ? 0xffffffff : keyToU32(key);
  if (index >= map.maxEntries) return u32ToBytes(0);
  if (index === map.maxEntries - 1) return -ERRNO.ENOENT;
  return u32ToBytes(index + 1);
}
