import { closeSync, writeSync } from 'node:fs';

/** What is gathered before it is written; no record comes near it. */
const BUFFER_BYTES = 1 << 18;

/** The file under a `PerfDataWriter`: records are built in its one buffer, the header is put in front at the end. */
export class OutputFile {
  /** Of the buffer: what `reserve` returns is an offset in it. */
  readonly view = new DataView(new ArrayBuffer(BUFFER_BYTES));
  readonly #bytes = new Uint8Array(this.view.buffer);
  readonly #fd: number;
  #used = 0;
  /** Where the buffer will be written. */
  #position: number;
  #flushes = 0;

  /** @param fd a file that can be written at any position; owned from now on, until `close` */
  constructor(fd: number, position: number) {
    this.#fd = fd;
    this.#position = position;
  }

  /** How many bytes there are, from the file's start. */
  get end(): number {
    return this.#position + this.#used;
  }

  /** How often the buffer was handed to the system. */
  get flushes(): number {
    return this.#flushes;
  }

  /** Room for `bytes` zeroes at the end. */
  reserve(bytes: number): number {
    if (this.#used + bytes > BUFFER_BYTES) this.flush();
    const at = this.#used;
    this.#used += bytes;
    this.#bytes.fill(0, at, this.#used);
    return at;
  }

  flush(): void {
    if (this.#used === 0) return;
    const bytes = this.#bytes.subarray(0, this.#used);
    // Dropped even where it cannot be written: the caller is told, once.
    this.#used = 0;
    this.#flushes++;
    this.writeAt(this.#position, bytes);
    this.#position += bytes.length;
  }

  writeAt(position: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#fd, bytes, done, bytes.length - done, position + done);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
