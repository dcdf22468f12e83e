import { MapType } from '../arena/layout.generated.js';
import type { BatchRequest } from '../maps/batch.js';
import { BpfError, ERRNO } from '../maps/errno.js';
import type { FileTable } from '../maps/files.js';
import { type KernelMap, keyToU32, u32ToBytes } from '../maps/kernelMap.js';
import { RingbufMap } from '../maps/ringbuf.js';
import { round8 } from '../maps/scratchBuffer.js';
import type { BpfSyscalls } from '../maps/syscall.js';
import { show } from '../scenario/error.js';

const U32_MAX = 2 ** 32 - 1;

/** A key: a number fills little endian what the map's keys have (at most 8 bytes of it), or the bytes themselves. */
export type MapKey = number | Uint8Array;

/** What an entry of a map holds, by the map's type. Devices, programs and sockets go by name. */
export type MapValueInput =
  | number
  | Uint8Array
  | { readonly qsize: number; readonly program?: string | undefined }
  | { readonly device: string | number; readonly program?: string | undefined }
  | { readonly socket: string }
  | { readonly program: string };

/** An entry read back. */
export type MapValueOutput =
  | Uint8Array
  | { readonly qsize: number; readonly program?: string }
  | { readonly device: string; readonly program?: string };

/** Descriptors and numbers of the machine's objects by name. */
export interface ObjectNames {
  programFd(name: string): number;
  socketFd(name: string): number;
  ifindex(device: string): number;
  deviceName(ifindex: number): string;
  programName(id: number): string;
}

/** Flags of `update`. */
export const BPF = { ANY: 0, NOEXIST: 1, EXIST: 2 } as const;

/** A map with the system call's semantics: what the kernel would refuse throws a `BpfError` with its errno. */
export class MapHandle {
  readonly name: string;
  readonly fd: number;
  readonly #map: KernelMap;
  readonly #bpf: BpfSyscalls;
  readonly #names: ObjectNames;

  constructor(name: string, fd: number, bpf: BpfSyscalls, files: FileTable, names: ObjectNames) {
    const file = files.get(fd);
    if (file?.kind !== 'map') throw new TypeError(`map ${name}: descriptor ${fd} is no map`);
    this.name = name;
    this.fd = fd;
    this.#map = file.map;
    this.#bpf = bpf;
    this.#names = names;
  }

  get id(): number {
    return this.#map.id;
  }

  get maxEntries(): number {
    return this.#map.maxEntries;
  }

  /** Address of its `BpfMap`. */
  get address(): number {
    return this.#map.address;
  }

  /** BPF_MAP_UPDATE_ELEM. */
  update(key: MapKey, value: MapValueInput, flags: number = BPF.ANY): void {
    const err = this.#bpf.mapUpdateElem(this.fd, this.#key(key), this.#value(value), BigInt(flags));
    if (err !== 0) throw this.#error(err, 'BPF_MAP_UPDATE_ELEM', key);
  }

  /** BPF_MAP_LOOKUP_ELEM: the entry, or undefined where there is none (ENOENT). */
  lookup(key: MapKey): MapValueOutput | undefined {
    const value = this.lookupBytes(key);
    return value && this.#decode(value);
  }

  /** The value as the kernel copies it; per-CPU maps give one after the other, each rounded up to 8 bytes. */
  lookupBytes(key: MapKey): Uint8Array | undefined {
    const value = this.#bpf.mapLookupElem(this.fd, this.#key(key), 0n);
    if (value === -ERRNO.ENOENT) return undefined;
    if (typeof value === 'number') throw this.#error(value, 'BPF_MAP_LOOKUP_ELEM', key);
    return value;
  }

  /** The value as a little-endian number (of its first 8 bytes at most), summed over the CPUs in a per-CPU map. */
  lookupNumber(key: MapKey): number | undefined {
    const value = this.lookupBytes(key);
    if (value === undefined) return undefined;
    const { valueSize } = this.#map.attributes;
    const stride = this.#isPerCpu ? round8(valueSize) : value.length;
    let sum = 0;
    for (let at = 0; at < value.length; at += stride)
      sum += littleEndian(value.subarray(at, at + Math.min(valueSize, 8)));
    return sum;
  }

  /** BPF_MAP_DELETE_ELEM. */
  delete(key: MapKey): void {
    const err = this.#bpf.mapDeleteElem(this.fd, this.#key(key));
    if (err !== 0) throw this.#error(err, 'BPF_MAP_DELETE_ELEM', key);
  }

  /** BPF_MAP_GET_NEXT_KEY: the bytes of the next key, the first without `key`; undefined behind the last (ENOENT). */
  nextKey(key?: MapKey): Uint8Array | undefined {
    const next = this.#bpf.mapGetNextKey(this.fd, key === undefined ? null : this.#key(key));
    if (next === -ERRNO.ENOENT) return undefined;
    if (typeof next === 'number') throw this.#error(next, 'BPF_MAP_GET_NEXT_KEY', key);
    return next;
  }

  /** Every key in the map's own order, with its value. Empty slots of redirect maps are passed over. */
  *entries(): Generator<[Uint8Array, MapValueOutput]> {
    for (let key = this.nextKey(); key !== undefined; key = this.nextKey(key)) {
      const value = this.lookup(key);
      if (value !== undefined) yield [key, value];
    }
  }

  /**
   * BPF_MAP_LOOKUP_BATCH, again and again until the end: the keys' bytes and the values' as the kernel copies them, of a
   * batch of at most `count` after the other.
   */
  *lookupBatch(count = this.maxEntries): Generator<[Uint8Array, Uint8Array]> {
    yield* this.#batches('lookup', count);
  }

  /** BPF_MAP_LOOKUP_AND_DELETE_BATCH: the same, and what was yielded is gone. */
  *lookupAndDeleteBatch(count = this.maxEntries): Generator<[Uint8Array, Uint8Array]> {
    yield* this.#batches('lookup_and_delete', count);
  }

  *#batches(
    command: 'lookup' | 'lookup_and_delete',
    count: number,
  ): Generator<[Uint8Array, Uint8Array]> {
    let inBatch: Uint8Array | undefined;
    for (;;) {
      const result = this.#bpf.mapBatch(this.fd, command, { count, inBatch });
      const { err, entries, outBatch } = result;
      if (err !== 0 && err !== -ERRNO.ENOENT)
        throw this.#error(err, `BPF_MAP_${command.toUpperCase()}_BATCH`);
      for (const [key, value] of entries) yield [key, value];
      if (err !== 0 || outBatch === undefined) return;
      inBatch = outBatch;
    }
  }

  /** BPF_MAP_UPDATE_BATCH. The error of one that fails says as `done` how many were done before it. */
  updateBatch(entries: Iterable<readonly [MapKey, MapValueInput]>): void {
    const all = [...entries];
    const keys = Buffer.concat(all.map(([key]) => this.#key(key)));
    const values = Buffer.concat(all.map(([, value]) => this.#value(value)));
    this.#changeBatch('update', { count: all.length, keys, values });
  }

  /** BPF_MAP_DELETE_BATCH, likewise. */
  deleteBatch(keys: Iterable<MapKey>): void {
    const all = [...keys].map((key) => this.#key(key));
    this.#changeBatch('delete', { count: all.length, keys: Buffer.concat(all) });
  }

  #changeBatch(command: 'update' | 'delete', request: BatchRequest): void {
    const { err, count } = this.#bpf.mapBatch(this.fd, command, request);
    if (err === 0) return;
    const error = this.#error(err, `BPF_MAP_${command.toUpperCase()}_BATCH`);
    throw Object.assign(error, { done: count });
  }

  /** BPF_MAP_FREEZE. */
  freeze(): void {
    const err = this.#bpf.mapFreeze(this.fd);
    if (err !== 0) throw this.#error(err, 'BPF_MAP_FREEZE');
  }

  /** The records of a ring buffer that are ready, oldest first; each is gone from the ring once it was yielded. */
  *consume(): Generator<Uint8Array> {
    if (!(this.#map instanceof RingbufMap)) throw new TypeError(`map ${this.name}: no ring buffer`);
    yield* this.#map.consume();
  }

  get #isPerCpu(): boolean {
    const { type } = this.#map;
    return (
      type === MapType.PERCPU_ARRAY ||
      type === MapType.PERCPU_HASH ||
      type === MapType.LRU_PERCPU_HASH
    );
  }

  #error(err: number, syscall: string, key?: MapKey): BpfError {
    const what =
      key === undefined
        ? ''
        : `, key ${typeof key === 'number' ? key : Buffer.from(key).toString('hex')}`;
    return new BpfError(err, syscall, `map ${this.name}${what}`);
  }

  #key(key: MapKey): Uint8Array {
    return toBytes(key, this.#map.attributes.keySize, `map ${this.name}: a key`);
  }

  #value(value: MapValueInput): Uint8Array {
    const { valueSize } = this.#map.attributes;
    if (typeof value === 'number' && this.#isPerCpu) {
      // One number for every CPU, as bpftool writes it.
      const one = toBytes(value, round8(valueSize), `map ${this.name}: a value`);
      return Buffer.concat(
        Array.from({ length: this.#map.syscallValueBytes / one.length }, () => one),
      );
    }
    if (typeof value === 'number' || value instanceof Uint8Array) {
      return toBytes(value, this.#map.syscallValueBytes, `map ${this.name}: a value`);
    }
    if ('socket' in value) return u32ToBytes(this.#names.socketFd(value.socket));
    if (!('qsize' in value || 'device' in value))
      return u32ToBytes(this.#names.programFd(value.program));
    const first =
      'qsize' in value
        ? this.#u32('qsize', value.qsize)
        : typeof value.device === 'number'
          ? this.#u32('device', value.device)
          : this.#names.ifindex(value.device);
    if (valueSize === 4) return u32ToBytes(first);
    return u32ToBytes(
      first,
      value.program === undefined ? 0 : this.#names.programFd(value.program),
    );
  }

  #u32(what: string, value: number): number {
    if (value >>> 0 === value) return value;
    const Kind = typeof value === 'number' ? RangeError : TypeError;
    throw new Kind(
      `map ${this.name}: ${what}: expected a whole number from 0 to ${U32_MAX}, found ${show(value)}`,
    );
  }

  #decode(value: Uint8Array): MapValueOutput {
    const { type } = this.#map;
    if (type !== MapType.CPUMAP && type !== MapType.DEVMAP && type !== MapType.DEVMAP_HASH)
      return value;
    const first = keyToU32(value);
    const programId = value.length < 8 ? 0 : keyToU32(value.subarray(4));
    const program = programId === 0 ? {} : { program: this.#names.programName(programId) };
    if (type === MapType.CPUMAP) return { qsize: first, ...program };
    return { device: this.#names.deviceName(first), ...program };
  }
}

function toBytes(value: MapKey, size: number, what: string): Uint8Array {
  if (value instanceof Uint8Array) {
    if (value.length !== size)
      throw new RangeError(`${what} has ${size} bytes, found ${value.length}`);
    return value;
  }
  if (!Number.isInteger(value)) {
    const Kind = typeof value === 'number' ? RangeError : TypeError;
    throw new Kind(`${what}: expected a whole number or bytes, found ${show(value)}`);
  }
  const bytes = new Uint8Array(size);
  let rest = BigInt(value);
  for (let i = 0; i < size && i < 8; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  if (rest !== 0n && rest !== -1n)
    throw new RangeError(`${what} has ${size} bytes: ${value} does not fit`);
  return bytes;
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}
