import { RawRecordLayout } from '../trace/rawRecord.js';
import type { TracepointInfo } from '../trace/tracepoints.js';
import { eventId } from './event.js';
import { type EventAttr, features, type Recording } from './features.js';
import { dataOffsetOf, headerBytes } from './header.js';
import { OutputFile } from './outputFile.js';

/** A tracepoint that fired. */
export interface PerfSample {
  readonly info: TracepointInfo;
  readonly timeNs: number;
  /** -1 where it fired on no CPU. */
  readonly cpu: number;
  /** 0 for the idle task. */
  readonly pid: number;
  /** Name of the task `pid`. */
  readonly comm: string;
  readonly fields: Readonly<Record<string, number>>;
}

/** `enum perf_event_type`, and `perf_user_event_type` of perf itself. */
const RECORD = { COMM: 3, SAMPLE: 9, FINISHED_ROUND: 68 } as const;
const MISC_KERNEL = 1;

const RECORD_HEADER_BYTES = 8;
/** Header, identifier, ip, pid and tid, time, cpu, period: what stands before the raw part of a sample. */
const SAMPLE_HEAD_BYTES = RECORD_HEADER_BYTES + 6 * 8;
/** pid and tid, time, cpu, identifier: the end of records that are no samples. */
const SAMPLE_ID_BYTES = 4 * 8;

/**
 * A round ends not before this: perf sorts by time what is in two rounds, and a worker may be held up between the look
 * at the clock and the record.
 */
const ROUND_NS = 1e9;

interface Output extends EventAttr {
  readonly layout: RawRecordLayout;
}

/** What was written. */
export interface PerfDataSummary {
  readonly samples: number;
  readonly bytes: number;
  readonly flushes: number;
}

/** Writes a `perf.data` as `perf record` does: `perf script`, `report` and `evlist` read it. Memory stays as it is. */
export class PerfDataWriter {
  readonly #file: OutputFile;
  readonly #outputs: readonly Output[];
  readonly #recording: Recording;
  /** Names that were last told, by pid. The idle task's is known to perf. */
  readonly #comms = new Map<number, string>();
  #samples = 0;
  #firstNs = Number.POSITIVE_INFINITY;
  #lastNs = 0;
  #roundEndNs: number | undefined;

  /**
   * @param fd a file that can be written at any position; owned from now on, until `close`
   * @param events an event that stands there twice is recorded twice, as by perf
   */
  constructor(fd: number, events: readonly TracepointInfo[], recording: Recording) {
    this.#recording = recording;
    this.#outputs = events.map((info, index) => {
      return { info, sampleId: index + 1, layout: new RawRecordLayout(info, eventId(info)) };
    });
    this.#file = new OutputFile(fd, dataOffsetOf(this.#outputs));
  }

  write(fired: PerfSample): void {
    // The machine's clock has fractions.
    const timeNs = Math.round(fired.timeNs);
    const sample = { ...fired, timeNs };
    this.#roundEndNs ??= timeNs + ROUND_NS;
    if (timeNs >= this.#roundEndNs) this.#finishRound(timeNs);
    for (const output of this.#outputs) {
      if (output.info !== sample.info) continue;
      this.#tellComm(sample);
      this.#writeSample(sample, output);
    }
  }

  #finishRound(timeNs: number): void {
    this.#record(RECORD.FINISHED_ROUND, 0, RECORD_HEADER_BYTES);
    this.#roundEndNs = timeNs + ROUND_NS;
  }

  /** Says the task's name where perf does not know it, or knows another. */
  #tellComm({ pid, comm, timeNs, cpu }: PerfSample): void {
    if (pid === 0 || this.#comms.get(pid) === comm) return;
    this.#comms.set(pid, comm);
    const name = new TextEncoder().encode(comm);
    const room = Math.ceil((name.length + 1) / 8) * 8;
    const at = this.#record(RECORD.COMM, 0, RECORD_HEADER_BYTES + 8 + room + SAMPLE_ID_BYTES);
    const { view } = this.#file;
    writeTask(view, at + 8, pid);
    new Uint8Array(view.buffer).set(name, at + 16);
    const trailer = at + 16 + room;
    writeTask(view, trailer, pid);
    view.setBigUint64(trailer + 8, BigInt(timeNs), true);
    view.setInt32(trailer + 16, cpu, true);
    view.setBigUint64(trailer + 24, 1n, true);
  }

  #writeSample({ timeNs, cpu, pid, fields }: PerfSample, { sampleId, layout }: Output): void {
    // The length that is told counts the padding, to a multiple of 8 with itself.
    const rawBytes = Math.ceil((4 + layout.bytes) / 8) * 8 - 4;
    const at = this.#record(RECORD.SAMPLE, MISC_KERNEL, SAMPLE_HEAD_BYTES + 4 + rawBytes);
    const { view } = this.#file;
    view.setBigUint64(at + 8, BigInt(sampleId), true);
    // No address: there is no code of a kernel.
    writeTask(view, at + 24, pid);
    view.setBigUint64(at + 32, BigInt(timeNs), true);
    view.setInt32(at + 40, cpu, true);
    view.setBigUint64(at + 48, 1n, true);
    view.setUint32(at + 56, rawBytes, true);
    layout.write(view, at + 60, pid, fields);
    this.#samples++;
    this.#firstNs = Math.min(this.#firstNs, timeNs);
    this.#lastNs = Math.max(this.#lastNs, timeNs);
  }

  /** Room for a record with its header written. */
  #record(type: number, misc: number, bytes: number): number {
    const at = this.#file.reserve(bytes);
    const { view } = this.#file;
    view.setUint32(at, type, true);
    view.setUint16(at + 4, misc, true);
    view.setUint16(at + 6, bytes, true);
    return at;
  }

  /** Ends the file: features after the records, then the header in front of them. */
  close(): PerfDataSummary {
    const file = this.#file;
    try {
      // perf takes a file without any record for one that was cut off.
      this.#record(RECORD.FINISHED_ROUND, 0, RECORD_HEADER_BYTES);
      const dataBytes = file.end - dataOffsetOf(this.#outputs);
      file.flush();
      const times = [this.#samples === 0 ? 0 : this.#firstNs, this.#lastNs] as const;
      const sections = features(this.#outputs, this.#recording, times);
      let { end } = file;
      const table = Buffer.alloc(16 * sections.length);
      const tableStart = end;
      end += table.length;
      sections.forEach(({ bytes }, index) => {
        table.writeBigUInt64LE(BigInt(end), 16 * index);
        table.writeBigUInt64LE(BigInt(bytes.length), 16 * index + 8);
        file.writeAt(end, bytes);
        end += bytes.length;
      });
      file.writeAt(tableStart, table);
      const bits = sections.map(({ bit }) => bit);
      file.writeAt(0, headerBytes(this.#outputs, dataBytes, bits));
      return { samples: this.#samples, bytes: end, flushes: file.flushes };
    } finally {
      file.close();
    }
  }
}

function writeTask(view: DataView, at: number, pid: number): void {
  view.setInt32(at, pid, true);
  view.setInt32(at + 4, pid, true);
}
