import type { Arena } from '../arena/arena.js';
import type { DataPlane } from '../arena/dataplane.js';
import { XdpBuff } from '../arena/layout.generated.js';
import type { MapRef } from './mapRef.js';

/** An access outside the packet's linear part: what the verifier would have refused. */
export class PacketAccessError extends RangeError {
  override readonly name = 'PacketAccessError';
}

/**
 * `struct xdp_md` for a TypeScript program. There is one of these a thread, pointed at each frame in turn: do not keep
 * it. Numbers in the packet are in network byte order; offsets count from the packet's first byte.
 */
export class XdpContext {
  /** The machine's maps by name. */
  readonly maps: Readonly<Record<string, MapRef>>;
  readonly #arena: Arena;
  readonly #dp: DataPlane;
  readonly #u8: Uint8Array;
  readonly #scratch: number;
  #xdp = 0;
  #data = 0;
  #end = 0;

  /** `scratch`: memory of this thread's for what helpers copy. */
  constructor(
    arena: Arena,
    dp: DataPlane,
    maps: Readonly<Record<string, MapRef>>,
    scratch: number,
  ) {
    this.#arena = arena;
    this.#dp = dp;
    this.#u8 = arena.u8;
    this.maps = maps;
    this.#scratch = scratch;
  }

  /** Points the context at the `xdp_buff` at `address`. */
  enter(address: number): this {
    this.#xdp = address;
    this.#reload();
    return this;
  }

  #reload(): void {
    const word = this.#xdp >>> 2;
    this.#data = this.#arena.words[word]!;
    this.#end = this.#arena.words[word + 1]!;
  }

  /** Bytes that can be read in place (`data_end - data`); fragments come on top. */
  get length(): number {
    return this.#end - this.#data;
  }

  /** `bpf_xdp_get_buff_len`: fragments included. */
  get totalLength(): number {
    return this.#dp.xdpGetBuffLen(this.#xdp);
  }

  get ingressIfindex(): number {
    return this.#arena.get(this.#xdp, XdpBuff.ingressIfindex);
  }

  get rxQueueIndex(): number {
    return this.#arena.get(this.#xdp, XdpBuff.rxQueueIndex);
  }

  /** The device that a devmap program's frame goes to; 0 for other programs. */
  get egressIfindex(): number {
    return this.#arena.get(this.#xdp, XdpBuff.egressIfindex);
  }

  /** The packet's linear bytes in place; valid until the program returns or moves an edge. */
  get bytes(): Uint8Array {
    return this.#u8.subarray(this.#data, this.#end);
  }

  u8(offset: number): number {
    return this.#u8[this.#at(offset, 1)]!;
  }

  u16(offset: number): number {
    const at = this.#at(offset, 2);
    return (this.#u8[at]! << 8) | this.#u8[at + 1]!;
  }

  u32(offset: number): number {
    const at = this.#at(offset, 4);
    const u8 = this.#u8;
    return ((u8[at]! << 24) | (u8[at + 1]! << 16) | (u8[at + 2]! << 8) | u8[at + 3]!) >>> 0;
  }

  setU8(offset: number, value: number): void {
    this.#u8[this.#at(offset, 1)] = value;
  }

  setU16(offset: number, value: number): void {
    const at = this.#at(offset, 2);
    this.#u8[at] = value >>> 8;
    this.#u8[at + 1] = value;
  }

  setU32(offset: number, value: number): void {
    const at = this.#at(offset, 4);
    this.#u8[at] = value >>> 24;
    this.#u8[at + 1] = value >>> 16;
    this.#u8[at + 2] = value >>> 8;
    this.#u8[at + 3] = value;
  }

  #at(offset: number, size: number): number {
    const at = this.#data + offset;
    // Whole and not negative, in one comparison: this is done for every byte that a program reads.
    if (!(offset >>> 0 === offset && at + size <= this.#end)) {
      requireInteger('a packet offset', offset);
      throw new PacketAccessError(
        `packet bytes ${offset} to ${offset + size - 1}: it has ${this.length}`,
      );
    }
    return at;
  }

  /** `bpf_redirect`: the action to return. */
  redirect(ifindex: number, flags = 0): number {
    return this.#dp.redirect32(ifindex, flags);
  }

  /** `bpf_redirect_map` on a map by name. `this.maps.NAME.redirect` spares the look-up of the name. */
  redirectMap(map: string, key: number, flags = 0): number {
    const ref = this.maps[map];
    if (ref === undefined) throw new RangeError(`no map is named ${map}`);
    return ref.redirect(key, flags);
  }

  /** `bpf_xdp_adjust_head`: 0 or a negative errno. A negative `delta` makes room in front. */
  adjustHead(delta: number): number {
    requireInteger('adjustHead', delta);
    const err = this.#dp.xdpAdjustHead(this.#xdp, delta);
    this.#reload();
    return err;
  }

  /** `bpf_xdp_adjust_tail`: 0 or a negative errno. */
  adjustTail(delta: number): number {
    requireInteger('adjustTail', delta);
    const err = this.#dp.xdpAdjustTail(this.#xdp, delta);
    this.#reload();
    return err;
  }

  /** `bpf_xdp_adjust_meta`: 0 or a negative errno. */
  adjustMeta(delta: number): number {
    requireInteger('adjustMeta', delta);
    return this.#dp.xdpAdjustMeta(this.#xdp, delta);
  }

  /** The metadata in front of the packet (`data_meta` .. `data`), in place. */
  get meta(): Uint8Array {
    return this.#u8.subarray(this.#arena.get(this.#xdp, XdpBuff.dataMeta), this.#data);
  }

  /** `bpf_xdp_load_bytes`: a copy, also out of fragments; null where the range is not in the packet. */
  loadBytes(offset: number, length: number): Uint8Array | null {
    requireInteger('loadBytes: offset', offset);
    requireInteger('loadBytes: length', length);
    if (length > LOAD_BYTES_MAX)
      throw new RangeError(`loadBytes: at most ${LOAD_BYTES_MAX} bytes, found ${length}`);
    if (this.#dp.xdpLoadBytes(this.#xdp, offset, this.#scratch, length) !== 0) return null;
    return this.#u8.slice(this.#scratch, this.#scratch + length);
  }

  /** `bpf_xdp_store_bytes`: 0 or a negative errno. */
  storeBytes(offset: number, bytes: Uint8Array): number {
    requireInteger('storeBytes: offset', offset);
    if (bytes.length > LOAD_BYTES_MAX) {
      throw new RangeError(`storeBytes: at most ${LOAD_BYTES_MAX} bytes, found ${bytes.length}`);
    }
    this.#u8.set(bytes, this.#scratch);
    return this.#dp.xdpStoreBytes(this.#xdp, offset, this.#scratch, bytes.length);
  }
}

/** @throws TypeError, RangeError for what is no 32 bits' integer, which WebAssembly would make one of. */
function requireInteger(what: string, value: number): void {
  if ((value | 0) === value) return;
  const expected = `${what}: expected an integer`;
  if (typeof value !== 'number') throw new TypeError(`${expected}, found ${typeof value}`);
  throw new RangeError(`${expected} of 32 bits, found ${value}`);
}

/** What one `loadBytes` or `storeBytes` moves at most. */
export const LOAD_BYTES_MAX = 4096;
