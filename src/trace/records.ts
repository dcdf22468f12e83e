import type { Arena } from '../arena/arena.js';
import { RecordKind, SpscRingSide, TraceRecord, TraceRing } from '../arena/layout.generated.js';

/** A record of a context's trace ring, as the data plane wrote it. */
export interface RawRecord {
  readonly kind: RecordKind;
  /** `Tracepoint`, `Fate`, `Sink`, `Origin`, `ProgramHook` or `Queue`, by `kind`. */
  readonly type: number;
  readonly timeNs: number;
  /** Machine-wide order. */
  readonly order: number;
  /** Of the context that wrote it. */
  readonly contextId: number;
  /** Id of the map whose kthread did it; 0: none did. */
  readonly kthreadMapId: number;
  /** -1 where the context runs on no emulated CPU. */
  readonly cpu: number;
  /** Tag of the frame, 0 where it has none. */
  readonly tag: number;
  /** Address of the frame, 0 where the event is about none. */
  readonly frame: number;
  /**
   * The tracepoint's fields in print order; for fates and captures `[target, length, queue]`, for copies `[parent]`, for
   * perf events `[map id, length, index, length of the program's own bytes]`, for texts `[0, length]`, for the ledger's as
   * `src/dataplane/trace/ledger.ts` writes them.
   */
  readonly fields: Int32Array;
  /** The bytes that follow the record's head, of a copy that records read together share: the frame's, the text's or the perf event's. */
  readonly data: Uint8Array | undefined;
}

const FIELD_COUNT = 10;
/** Records that `fields[1]` bytes follow. */
const kindsWithData: ReadonlySet<number> = new Set([
  RecordKind.CAPTURE,
  RecordKind.PRINTK,
  RecordKind.PERF_EVENT,
  RecordKind.RECEIVE,
  RecordKind.PROGRAM_ENTRY,
  RecordKind.PROGRAM_EXIT,
  RecordKind.ENQUEUE,
]);

/** Reads the trace ring at `ring`, of the context `contextId`, empty, oldest first. The one consumer of that ring. */
export function drainTraceRing(
  arena: Arena,
  ring: number,
  contextId: number,
  take: (record: RawRecord) => void,
): number {
  const producer = ring + TraceRing.producer;
  const consumer = ring + TraceRing.consumer;
  const size = arena.get(ring, TraceRing.size);
  const buffer = arena.get(ring, TraceRing.buffer);
  const end = arena.loadShared(producer, SpscRingSide.index);
  // Plain: this side alone writes it.
  const start = arena.get(consumer, SpscRingSide.index);
  if (start === end) return 0;
  const from = start & (size - 1);
  const length = (end - start) >>> 0;
  // One copy for all: records are views of it, and the ring is the producer's again.
  const first = Math.min(length, size - from);
  const parts = [arena.u8.slice(buffer + from, buffer + from + first)];
  if (length > first) parts.push(arena.u8.slice(buffer, buffer + length - first));
  arena.storeShared(consumer, SpscRingSide.index, end);
  return parts.reduce((taken, part) => taken + readRecords(part, contextId, take), 0);
}

/** No record goes beyond the end of the ring's buffer. */
function readRecords(
  bytes: Uint8Array,
  contextId: number,
  take: (record: RawRecord) => void,
): number {
  const view = new DataView(bytes.buffer);
  const words = new Int32Array(bytes.buffer);
  let taken = 0;
  for (let at = 0; at < bytes.length; at += view.getUint32(at + TraceRecord.bytes.offset, true)) {
    const kind = view.getUint16(at + TraceRecord.kind.offset, true) as RecordKind;
    if (kind === RecordKind.PAD) continue;
    const fieldsStart = (at + TraceRecord.a.offset) >>> 2;
    const fields = words.subarray(fieldsStart, fieldsStart + FIELD_COUNT);
    const dataStart = at + TraceRecord.SIZE;
    take({
      kind,
      type: view.getUint16(at + TraceRecord.type.offset, true),
      timeNs: view.getFloat64(at + TraceRecord.timeNs.offset, true),
      order: view.getUint32(at + TraceRecord.order.offset, true),
      contextId,
      kthreadMapId: view.getUint32(at + TraceRecord.kthreadMapId.offset, true),
      cpu: view.getInt32(at + TraceRecord.cpu.offset, true),
      tag: view.getUint32(at + TraceRecord.tag.offset, true),
      frame: view.getUint32(at + TraceRecord.frame.offset, true),
      fields,
      data: kindsWithData.has(kind) ? bytes.subarray(dataStart, dataStart + fields[1]!) : undefined,
    });
    taken++;
  }
  return taken;
}
