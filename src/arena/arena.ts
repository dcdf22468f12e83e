import { Allocator } from './allocator.js';
import {
  addDoubleWord,
  compareExchangeWord,
  exchangeWord,
  loadWord,
  notifyWord,
  type SchedulePoint,
  storeWord,
  waitWord,
} from './atomics.js';
import { Access, LINE, MACHINE_ADDRESS, Machine } from './layout.generated.js';
import type { Field } from './struct.js';

/** Bytes of a WebAssembly page. */
const PAGE_BYTES = 65536;
/** What is copied in one piece where others may write it meanwhile. */
const LONG_BYTES = 8;
/** `GAP_BYTES` of `src/bpf/jit`: what a checked pointer may be off by. */
const WINDOW_GAP_BYTES = 128 * 1024;
const ARENA_MAX_BYTES = 0xffff * PAGE_BYTES;

/**
 * One machine's shared memory: everything that more than one thread touches. Reserving it costs address space alone; a
 * page that nobody writes takes no memory.
 */
export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly u8: Uint8Array;
  readonly words: Int32Array;
  readonly #doubleWords: BigInt64Array;
  readonly #view: DataView;
  readonly #schedulePoint: SchedulePoint | undefined;
  #heaps: { readonly own: Allocator; readonly programs: Allocator } | undefined;

  /** `schedulePoint`: asked before each access to a shared word from here, where runs are explored. */
  constructor(memory: WebAssembly.Memory, schedulePoint?: SchedulePoint) {
    this.memory = memory;
    this.#schedulePoint = schedulePoint;
    this.u8 = new Uint8Array(memory.buffer);
    this.words = new Int32Array(memory.buffer);
    this.#doubleWords = new BigInt64Array(memory.buffer);
    this.#view = new DataView(memory.buffer);
  }

  /** A new arena of at least `bytes`, all zero. Throws RangeError above 4 GiB. */
  static create(bytes: number, schedulePoint?: SchedulePoint): Arena {
    if (bytes > ARENA_MAX_BYTES) {
      throw new RangeError(`an arena of ${bytes} bytes: expected at most ${ARENA_MAX_BYTES}`);
    }
    const pages = Math.ceil(bytes / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    return new Arena(memory, schedulePoint);
  }

  /** Address of `bytes` of zeroed memory; the control plane alone allocates. Throws `ArenaFullError`. */
  allocate(bytes: number): number {
    return this.#heap.own.allocate(bytes);
  }

  /** The same where programs may read and write: frames, map values, stacks, and nothing else. */
  allocateForPrograms(bytes: number): number {
    const { programs } = this.#heap;
    const address = programs.allocate(bytes);
    // Before anybody hears of the address.
    this.set(MACHINE_ADDRESS, Machine.programHigh, programs.highWater);
    return address;
  }

  /** What of the window has been handed out ends here; above it nothing may be touched yet. */
  get programHigh(): number {
    return this.#heap.programs.highWater;
  }

  free(address: number): void {
    const { own, programs } = this.#heap;
    (address < this.programWindow.low ? own : programs).free(address);
  }

  /** Bytes that are allocated now. */
  get usedBytes(): number {
    return this.#heap.own.usedBytes + this.#heap.programs.usedBytes;
  }

  /** All zero again and nothing allocated: for another machine in the same memory. */
  reset(): void {
    const { own, programs } = this.#heap;
    this.u8.fill(0, MACHINE_ADDRESS, own.highWater);
    this.u8.fill(0, this.programWindow.low, programs.highWater);
    this.#heaps = undefined;
  }

  /**
   * What programs may touch: the upper half of the arena, with nobody's memory on either side, so that one check of a
   * pointer covers the offsets that are added to it.
   */
  get programWindow(): { readonly low: number; readonly high: number } {
    return { low: this.u8.length / 2 + WINDOW_GAP_BYTES, high: this.u8.length - WINDOW_GAP_BYTES };
  }

  get #heap() {
    if (this.#heaps === undefined) {
      const { low, high } = this.programWindow;
      const zero = (address: number, bytes: number) => this.u8.fill(0, address, address + bytes);
      this.#heaps = {
        own: new Allocator(MACHINE_ADDRESS + Machine.SIZE, low - WINDOW_GAP_BYTES, LINE, zero),
        programs: new Allocator(low, high, LINE, zero),
      };
    }
    return this.#heaps;
  }

  /** The field of the struct at `struct`. 64-bit values above 2^53 lose their low bits; -1 reads as 2 ** 64. */
  get(struct: number, { offset, kind }: Field): number {
    const address = struct + offset;
    switch (kind) {
      case 'u8':
        return this.#view.getUint8(address);
      case 'u16':
        return this.#view.getUint16(address, true);
      case 'u32':
        return this.#view.getUint32(address, true);
      case 'i32':
        return this.#view.getInt32(address, true);
      case 'f64':
        return this.#view.getFloat64(address, true);
      case 'u64':
        return this.u64(address);
    }
  }

  /** Plain store: before the struct is published, or where this thread is the field's one writer. */
  set(struct: number, { offset, kind }: Field, value: number): void {
    const address = struct + offset;
    if (kind === 'u8') this.#view.setUint8(address, value);
    else if (kind === 'u16') this.#view.setUint16(address, value, true);
    else if (kind === 'u64') this.#view.setBigUint64(address, BigInt(value), true);
    else if (kind === 'f64') this.#view.setFloat64(address, value, true);
    else this.#view.setInt32(address, value | 0, true);
  }

  /** Several fields of one struct at once. */
  assign<S extends object>(
    struct: number,
    layout: S,
    values: { readonly [K in keyof S]?: number },
  ): void {
    for (const [name, value] of Object.entries(values)) {
      this.set(struct, layout[name as keyof S] as Field, value as number);
    }
  }

  u32(address: number): number {
    return this.#view.getUint32(address, true);
  }

  setU32(address: number, value: number): void {
    this.#view.setUint32(address, value, true);
  }

  u64(address: number): number {
    // Another thread may count on: halves from before and after a carry do not go together.
    for (;;) {
      const high = this.#view.getUint32(address + 4, true);
      const low = this.#view.getUint32(address, true);
      if (this.#view.getUint32(address + 4, true) === high) return low + high * 2 ** 32;
    }
  }

  /** A view of `length` bytes at `address`. */
  bytes(address: number, length: number): Uint8Array {
    return this.u8.subarray(address, address + length);
  }

  // -- shared words

  loadShared(struct: number, { offset }: Field): number {
    return this.loadSharedAt(struct + offset);
  }

  storeShared(struct: number, { offset }: Field, value: number): void {
    this.#schedulePoint?.(Access.STORE, struct + offset);
    storeWord(this.words, (struct + offset) >>> 2, value);
  }

  exchangeShared(struct: number, { offset }: Field, value: number): number {
    this.#schedulePoint?.(Access.RMW, struct + offset);
    return exchangeWord(this.words, (struct + offset) >>> 2, value);
  }

  compareExchangeShared(
    struct: number,
    { offset }: Field,
    expected: number,
    replacement: number,
  ): number {
    return this.compareExchangeSharedAt(struct + offset, expected, replacement);
  }

  /** Adds to a 64-bit word that others add to as well; `address` is a multiple of 8. */
  addShared64(address: number, value: bigint): bigint {
    this.#schedulePoint?.(Access.RMW, address);
    return addDoubleWord(this.#doubleWords, address / 8, value);
  }

  loadSharedAt(address: number): number {
    this.#schedulePoint?.(Access.LOAD, address);
    return loadWord(this.words, address >>> 2);
  }

  compareExchangeSharedAt(address: number, expected: number, replacement: number): number {
    this.#schedulePoint?.(Access.RMW, address);
    return compareExchangeWord(this.words, address >>> 2, expected, replacement);
  }

  /** Says that memory which others may write is about to be read or written without `Atomics`. */
  announce(access: Access, address: number): void {
    this.#schedulePoint?.(access, address);
  }

  /** A copy of bytes that others may write meanwhile: no more than 8 of them are seen at once. */
  copyFromShared(address: number, length: number): Uint8Array {
    if (this.#schedulePoint === undefined) return this.u8.slice(address, address + length);
    const copy = new Uint8Array(length);
    for (let done = 0; done < length; done += LONG_BYTES) {
      this.#schedulePoint(Access.LOAD, address + done);
      copy.set(this.bytes(address + done, Math.min(LONG_BYTES, length - done)), done);
    }
    return copy;
  }

  /** Copies `bytes` to where others may read and write meanwhile. */
  copyToShared(address: number, bytes: Uint8Array): void {
    if (this.#schedulePoint === undefined) {
      this.u8.set(bytes, address);
      return;
    }
    for (let done = 0; done < bytes.length; done += LONG_BYTES) {
      this.#schedulePoint(Access.STORE, address + done);
      this.u8.set(bytes.subarray(done, done + LONG_BYTES), address + done);
    }
  }

  /** Sleeps while the word at `address` is `value`, at most `timeoutMs`. Workers only; explored runs sleep otherwise. */
  waitAt(address: number, value: number, timeoutMs: number): void {
    waitWord(this.words, address >>> 2, value, timeoutMs);
  }

  notifyAt(address: number): void {
    this.#schedulePoint?.(Access.NOTIFY, address);
    notifyWord(this.words, address >>> 2);
  }
}
