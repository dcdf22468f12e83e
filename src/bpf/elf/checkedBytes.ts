/**
 * Little-endian reads from an untrusted file, each checked against its end.
 *
 * All sizes and offsets come back as ordinary numbers: a 64-bit field above 2^53 cannot describe a file in memory and is
 * refused where it is read.
 */
export class CheckedBytes {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #fail: (message: string) => Error;

  /** @param fail makes the error to throw from a message that starts with what was being read */
  constructor(bytes: Uint8Array, fail: (message: string) => Error) {
    // A plain view even of a Buffer, whose `slice` does not copy.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fail = fail;
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(offset: number, what: string): number {
    this.#check(offset, 1, what);
    return this.#view.getUint8(offset);
  }

  u16(offset: number, what: string): number {
    this.#check(offset, 2, what);
    return this.#view.getUint16(offset, true);
  }

  u32(offset: number, what: string): number {
    this.#check(offset, 4, what);
    return this.#view.getUint32(offset, true);
  }

  i32(offset: number, what: string): number {
    this.#check(offset, 4, what);
    return this.#view.getInt32(offset, true);
  }

  /** A 64-bit offset, size or address. */
  size64(offset: number, what: string): number {
    this.#check(offset, 8, what);
    const value = this.#view.getBigUint64(offset, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw this.#fail(`${what}: 0x${value.toString(16)} is beyond any file`);
    }
    return Number(value);
  }

  /** The bytes `[offset, offset + length)`, not copied. */
  range(offset: number, length: number, what: string): Uint8Array {
    this.#check(offset, length, what);
    return this.bytes.subarray(offset, offset + length);
  }

  #check(offset: number, length: number, what: string): void {
    if (offset + length > this.bytes.length) {
      throw this.#fail(
        `${what}: bytes ${offset} to ${offset + length} lie outside the ${this.bytes.length} there are`,
      );
    }
  }
}
