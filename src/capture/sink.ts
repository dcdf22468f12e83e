import { closeSync, openSync, writeSync } from 'node:fs';
import { integerIn } from '../packet/integers.js';

/** Takes the bytes of a capture as they come; a chunk is the sink's to keep. */
export type Sink = (chunk: Uint8Array) => void;

export const BUFFER_BYTES = 1 << 18;

/** A file that a capture is written to. Bytes are gathered in one buffer: a system call per packet would be slow. */
export class FileSink {
  readonly #fd: number;
  readonly #name: string;
  readonly #buffer: Uint8Array;
  #used = 0;
  #isOpen = true;

  /**
   * @param fd open for writing; the sink owns it from now on, until `close`
   * @param name what messages call it
   */
  constructor(fd: number, bufferBytes = BUFFER_BYTES, name = 'capture file') {
    this.#fd = fd;
    this.#name = name;
    this.#buffer = new Uint8Array(integerIn('sink buffer bytes', bufferBytes, 1, 1 << 30));
  }

  /**
   * Creates or empties the file at `path`.
   *
   * @throws the error of `openSync`
   */
  static create(path: string, bufferBytes = BUFFER_BYTES): FileSink {
    return new FileSink(openSync(path, 'w'), bufferBytes, path);
  }

  /** The sink itself, to hand to a writer. Throws the error of `writeSync`, which names the file. */
  readonly write: Sink = (chunk) => {
    if (!this.#isOpen) throw new Error(`${this.#name}: expected it open, found it closed`);
    if (this.#used + chunk.length > this.#buffer.length) this.flush();
    if (chunk.length > this.#buffer.length) {
      this.#writeAll(chunk);
      return;
    }
    this.#buffer.set(chunk, this.#used);
    this.#used += chunk.length;
  };

  /** Hands what is gathered to the system. */
  flush(): void {
    this.#writeAll(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  /** Flushes and closes the file; a second call does nothing. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      this.flush();
    } finally {
      closeSync(this.#fd);
    }
  }

  /** A write to a pipe or a full disk may take only a part. */
  #writeAll(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      const failure = error as NodeJS.ErrnoException;
      failure.message = `${this.#name}: cannot be written: ${failure.message}`;
      throw failure;
    }
  }
}
