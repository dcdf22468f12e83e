import type { Arena } from '../arena/arena.js';
import {
  LINE,
  RecordKind,
  SpscRingSide,
  TraceRecord,
  TraceRing,
} from '../arena/layout.generated.js';

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
  /** A copy of the bytes that follow the record's head: the frame's, the text's or the perf event's. */
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
  const producer = ring + LINE;
  const consumer = ring + 2 * LINE;
  const mask = arena.get(ring, TraceRing.size) - 1;
  const buffer = arena.get(ring, TraceRing.buffer);
  const end = arena.loadShared(producer, SpscRingSide.index);
  // Plain: this side alone writes it.
  let index = arena.get(consumer, SpscRingSide.index);
  let taken = 0;
  while (index !== end) {
    const address = buffer + (index & mask);
    if (arena.get(address, TraceRecord.kind) !== RecordKind.PAD) {
      take(readRecord(arena, address, contextId));
      taken++;
    }
    index = (index + arena.get(address, TraceRecord.bytes)) >>> 0;
  }
  arena.storeShared(consumer, SpscRingSide.index, index);
  return taken;
}

function readRecord(arena: Arena, address: number, contextId: number): RawRecord {
  const kind = arena.get(address, TraceRecord.kind) as RecordKind;
  const fieldsStart = address + TraceRecord.a.offset;
  const fields = arena.words.slice(fieldsStart >>> 2, (fieldsStart >>> 2) + FIELD_COUNT);
  const dataStart = address + TraceRecord.SIZE;
  return {
    kind,
    type: arena.get(address, TraceRecord.type),
    timeNs: arena.get(address, TraceRecord.timeNs),
    order: arena.get(address, TraceRecord.order),
    contextId,
    kthreadMapId: arena.get(address, TraceRecord.kthreadMapId),
    cpu: arena.get(address, TraceRecord.cpu),
    tag: arena.get(address, TraceRecord.tag),
    frame: arena.get(address, TraceRecord.frame),
    fields,
    data: kindsWithData.has(kind) ? arena.u8.slice(dataStart, dataStart + fields[1]!) : undefined,
  };
}
