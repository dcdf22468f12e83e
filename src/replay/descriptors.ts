import type { FileTable, FileTableOptions } from '../maps/files.js';
import type { Descriptor } from './mapTrace.js';

/** No recording names a number as high as these without meaning "not open". */
const FIRST_FD = 1_000_000;
const BAD_FD = FIRST_FD - 1;

/** What a trace's symbolic descriptors stand for. */
export class Descriptors {
  /** Descriptor 0 is a file; every other number of a trace is not open. */
  static readonly FILE_TABLE: FileTableOptions = { standard: 1, first: FIRST_FD };

  readonly #numbers = new Map<string, number>();

  constructor(files: FileTable) {
    this.#numbers.set('file', files.open({ kind: 'other' }));
  }

  /** `fd` below 0: the call that was to make the descriptor failed, and the symbol stays unusable. */
  set(symbol: string, fd: number): void {
    if (fd >= 0) this.#numbers.set(symbol, fd);
  }

  /** A descriptor number; that of a closed or unusable symbol is not open. */
  number(descriptor: Descriptor): number {
    if (typeof descriptor === 'number') return descriptor;
    return this.#numbers.get(descriptor) ?? BAD_FD;
  }
}
