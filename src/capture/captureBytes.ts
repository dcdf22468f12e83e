import { CaptureError } from './captureError.js';

/** Keeps a byte order mark: it is part of the text. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The bytes of a capture while it is read: loads in its byte order, and errors that say where reading was. */
export class CaptureBytes {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Byte order of what is read; each pcapng section sets it anew. */
  littleEndian = true;
  /** Number of the packet being read, from 1, or null. */
  packet: number | null = null;
  readonly #view: DataView;

  constructor(file: string, bytes: Uint8Array) {
    this.file = file;
    const { buffer, byteOffset, byteLength } = bytes;
    // Not a Buffer, even if `bytes` is one: what a packet's `data` is must not depend on where the bytes came from.
    this.bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.#view = new DataView(buffer, byteOffset, byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, this.littleEndian);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, this.littleEndian);
  }

  u64(at: number): bigint {
    return this.#view.getBigUint64(at, this.littleEndian);
  }

  i64(at: number): bigint {
    return this.#view.getBigInt64(at, this.littleEndian);
  }

  /** Text as UTF-8; bytes that are none become U+FFFD, for a comment is no reason to refuse a capture. */
  text(at: number, length: number): string {
    return UTF8.decode(this.bytes.subarray(at, at + length));
  }

  /**
   * Checks that `length` bytes from `at` on lie before `end`. Every length that a file states goes through here before
   * it is used, so nothing is allocated on its word.
   *
   * @throws CaptureError
   */
  need(what: string, at: number, length: number, end = this.length): void {
    const found = Math.max(0, end - at);
    if (length <= found) return;
    const border = end === this.length ? 'the file ends there' : 'its block ends there';
    this.fail(at, `${length} bytes of ${what}`, `${found} (${border})`);
  }

  fail(offset: number, expected: string, found: string | number): never {
    const { file, packet } = this;
    throw new CaptureError({ file, offset, packet, expected, found: String(found) });
  }
}
