import { FileSink } from '../../capture/sink.js';

/** An event of the Chrome trace format; times are in microseconds. */
export interface TraceFileEvent {
  /** X slice, b and e async slice, i instant, s, t and f flow, C counter, M metadata. */
  readonly ph: 'X' | 'b' | 'e' | 'i' | 's' | 't' | 'f' | 'C' | 'M';
  readonly name: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly id?: number;
  /** Of an instant: it is its track's. */
  readonly s?: 't';
  /** Of the end of a flow: it binds to the slice around it. */
  readonly bp?: 'e';
  readonly args?: Readonly<Record<string, unknown>>;
}

/** A JSON array of events, written as they come. */
export class TraceFile {
  readonly #sink: FileSink;
  #isFirst = true;

  private constructor(sink: FileSink) {
    this.#sink = sink;
  }

  /** Throws the error of `openSync`. */
  static create(path: string): TraceFile {
    return new TraceFile(FileSink.create(path));
  }

  write(event: TraceFileEvent): void {
    this.#sink.write(Buffer.from(`${this.#isFirst ? '[\n' : ',\n'}${JSON.stringify(event)}`));
    this.#isFirst = false;
  }

  close(): void {
    this.#sink.write(Buffer.from(this.#isFirst ? '[]\n' : '\n]\n'));
    this.#sink.close();
  }
}

/** Microseconds, to the nanosecond, of a time of the machine's clock. */
export function microseconds(timeNs: number): number {
  return Math.round(timeNs) / 1000;
}
