import type { Arena } from '../arena/arena.js';
import type { DataPlane } from '../arena/dataplane.js';
import {
  Access,
  BpfCpuMapEntry,
  BpfDtabNetdev,
  BpfMap,
  BpfProg,
  Device,
  MapType,
  XdpSock,
} from '../arena/layout.generated.js';

const redirectMapTypes: ReadonlySet<number> = new Set([
  MapType.CPUMAP,
  MapType.DEVMAP,
  MapType.DEVMAP_HASH,
  MapType.XSKMAP,
]);

/** Where in the scratch memory the value of a redirect map's entry is written: behind the longest key. */
const VALUE_OFFSET = 1024;

/** What a program needs to know of a map. */
export interface MapDescription {
  readonly name: string;
  readonly address: number;
}

/** Scratch memory of one program host, for keys and values on their way to the data plane. */
export interface Scratch {
  readonly address: number;
  readonly bytes: number;
}

/**
 * A map as a program sees it. Keys are numbers (little endian, as many bytes as the map's keys have, at most 4 of them
 * from the number) or bytes.
 */
export class MapRef {
  readonly name: string;
  readonly #arena: Arena;
  readonly #dp: DataPlane;
  readonly #address: number;
  readonly #scratch: Scratch;
  readonly #keySize: number;
  readonly #valueSize: number;
  readonly #value: MapValue;

  constructor(arena: Arena, dp: DataPlane, { name, address }: MapDescription, scratch: Scratch) {
    this.name = name;
    this.#arena = arena;
    this.#dp = dp;
    this.#address = address;
    this.#scratch = scratch;
    this.#keySize = arena.get(address, BpfMap.keySize);
    this.#valueSize = arena.get(address, BpfMap.valueSize);
    this.#value = new MapValue(arena, this.#valueSize);
  }

  /** `bpf_redirect_map`: the action to return. Without a key in the map it is `flags & 3`. */
  redirect(key: number, flags = 0): number {
    return this.#dp.redirectMap32(this.#address, key, flags);
  }

  /**
   * `bpf_map_lookup_elem`: the value in place, or null. The object is the map's only one: it is valid until the next
   * lookup in this map.
   */
  lookup(key: number | Uint8Array): MapValue | null {
    const value = this.#dp.bpfMapLookupElem(this.#address, this.#key(key));
    if (value === 0) return null;
    return this.#value.at(this.#isRedirectMap ? this.#entryValue(value) : value);
  }

  get #isRedirectMap(): boolean {
    return redirectMapTypes.has(this.#arena.get(this.#address, BpfMap.type));
  }

  /** Entries of redirect maps are pointers: their value is written out for the program, which may only read it. */
  #entryValue(entry: number): number {
    const value = this.#scratch.address + VALUE_OFFSET;
    const type = this.#arena.get(this.#address, BpfMap.type);
    const [first, prog] =
      type === MapType.CPUMAP
        ? [
            this.#arena.get(entry, BpfCpuMapEntry.qsize),
            this.#arena.get(entry, BpfCpuMapEntry.prog),
          ]
        : type === MapType.XSKMAP
          ? [this.#arena.get(entry, XdpSock.id), 0]
          : [
              this.#arena.get(this.#arena.get(entry, BpfDtabNetdev.dev), Device.ifindex),
              this.#arena.get(entry, BpfDtabNetdev.prog),
            ];
    this.#arena.setU32(value, first);
    this.#arena.setU32(value + 4, prog === 0 ? 0 : this.#arena.get(prog, BpfProg.id));
    return value;
  }

  /** `bpf_map_update_elem`: 0 or a negative errno. A number fills at most the low 4 bytes. */
  update(key: number | Uint8Array, value: number | Uint8Array, flags = 0): number {
    const keyAddress = this.#key(key);
    const valueAddress = (keyAddress + this.#keySize + 7) & ~7;
    if (valueAddress + this.#valueSize > this.#scratch.address + this.#scratch.bytes) {
      throw new RangeError(
        `map ${this.name}: update copies at most ${this.#scratch.bytes} bytes of key and value`,
      );
    }
    this.#put(valueAddress, this.#valueSize, value, 'value');
    return this.#dp.mapUpdateElem32(this.#address, keyAddress, valueAddress, flags);
  }

  /** `bpf_map_delete_elem`: 0 or a negative errno. */
  delete(key: number | Uint8Array): number {
    return this.#dp.bpfMapDeleteElem(this.#address, this.#key(key));
  }

  #key(key: number | Uint8Array): number {
    this.#put(this.#scratch.address, this.#keySize, key, 'key');
    return this.#scratch.address;
  }

  #put(address: number, size: number, value: number | Uint8Array, what: string): void {
    if (typeof value === 'number') {
      if (size === 4) {
        this.#arena.setU32(address, value);
        return;
      }
      this.#arena.u8.fill(0, address, address + size);
      for (let i = 0; i < size && i < 4; i++) this.#arena.u8[address + i] = value >>> (8 * i);
      return;
    }
    if (value.length !== size) {
      throw new RangeError(`map ${this.name}: a ${what} has ${size} bytes, found ${value.length}`);
    }
    this.#arena.u8.set(value, address);
  }
}

/** A map value in place, in the machine's byte order (little endian), as C code sees it. */
export class MapValue {
  readonly length: number;
  readonly #arena: Arena;
  #address = 0;

  constructor(arena: Arena, length: number) {
    this.#arena = arena;
    this.length = length;
  }

  /** Points this object at the value at `address`. */
  at(address: number): this {
    this.#address = address;
    return this;
  }

  u8(offset: number): number {
    return this.#arena.u8[this.#at(Access.LOAD, offset, 1)]!;
  }

  u32(offset = 0): number {
    return this.#arena.u32(this.#at(Access.LOAD, offset, 4));
  }

  /** Values above 2^53 lose their low bits. */
  u64(offset = 0): number {
    return this.#arena.u64(this.#at(Access.LOAD, offset, 8));
  }

  setU8(offset: number, value: number): void {
    this.#arena.u8[this.#at(Access.STORE, offset, 1)] = value;
  }

  setU32(value: number, offset = 0): void {
    this.#arena.setU32(this.#at(Access.STORE, offset, 4), value);
  }

  /** `__sync_fetch_and_add` on an aligned 64-bit word: counts are right whoever else counts. */
  add64(amount: number, offset = 0): void {
    this.#arena.addShared64(this.#check(offset, 8), BigInt(amount));
  }

  /** A copy of the bytes. */
  bytes(): Uint8Array {
    return this.#arena.copyFromShared(this.#address, this.length);
  }

  /** Address of what the program is about to read or write. */
  #at(access: Access, offset: number, size: number): number {
    const address = this.#check(offset, size);
    this.#arena.announce(access, address);
    return address;
  }

  #check(offset: number, size: number): number {
    if (!(offset >= 0 && offset + size <= this.length)) {
      throw new RangeError(`map value: bytes ${offset} to ${offset + size - 1} of ${this.length}`);
    }
    return this.#address + offset;
  }
}
