import {
  Context,
  MACHINE_ADDRESS,
  Machine,
  Recording,
  RecordKind,
  TraceRing,
} from '../arena/layout.generated.js';
import { RecordOrder } from '../trace/recordOrder.js';
import { drainTraceRing, type RawRecord } from '../trace/records.js';
import { tracepoints } from '../trace/tracepoints.js';
import {
  type CloneEvent,
  cloneEvent,
  type EnqueueEvent,
  enqueueEvents,
  type ProgramRunEvent,
  programRunEvent,
  type ReceiveEvent,
  receiveEvent,
} from './ledgerEvents.js';
import {
  type FateEvent,
  fateEvent,
  type PerfEvent,
  type PrintkEvent,
  perfEvent,
  printkEvent,
  type SinkEvent,
  sinkEvent,
  type TraceEvent,
  tracepointEvent,
} from './recordEvents.js';
import type { System } from './system.js';

export interface RecordListener {
  readonly onTracepoint?: (event: TraceEvent) => void;
  /** Names of the tracepoints that `onTracepoint` is for: all by default. Others may be told of too, if somebody wants them. */
  readonly tracepoints?: readonly string[];
  readonly onFate?: (event: FateEvent) => void;
  /** A frame was copied. */
  readonly onClone?: (event: CloneEvent) => void;
  /** Every step of every frame: all frames then have tags. */
  readonly onReceive?: (event: ReceiveEvent) => void;
  readonly onProgram?: (event: ProgramRunEvent) => void;
  readonly onEnqueue?: (event: EnqueueEvent) => void;
  /** `onProgram` gets the frame's bytes before and after; the machine was created with `observe: 'stages'`. */
  readonly stages?: boolean;
  readonly onSink?: (event: SinkEvent) => void;
  readonly onPrintk?: (event: PrintkEvent) => void;
  readonly onPerfEvent?: (event: PerfEvent) => void;
}

/** Bits of `Recording` for what `listener` wants to be told of. */
export function recordingFor(listener: RecordListener): number {
  const { onTracepoint, onFate, onClone, onSink, tracepoints: wanted } = listener;
  const { onReceive, onProgram, onEnqueue, stages } = listener;
  let bits = 0;
  if (onReceive || onProgram || onEnqueue) bits |= Recording.LEDGER;
  if (stages) bits |= Recording.LEDGER | Recording.STAGES;
  if (onFate || onClone) bits |= Recording.FATES;
  if (onSink) bits |= Recording.CAPTURE;
  if (onTracepoint === undefined) return bits;
  for (const { id, name } of tracepoints) {
    if (wanted === undefined || wanted.includes(name)) bits |= Recording.TRACEPOINT << id;
  }
  return bits;
}

/** Reads the trace rings of all contexts and tells its listeners, in machine-wide order. */
export class Recorder {
  readonly #system: System;
  readonly #listeners = new Set<RecordListener>();
  readonly #order: RecordOrder;
  /** The bytes of frames whose fate comes next. */
  readonly #captured = new Map<number, Uint8Array>();
  /** Programs that run, by context. */
  readonly #entered = new Map<number, RawRecord>();

  constructor(system: System) {
    this.#system = system;
    this.#order = new RecordOrder(system.arena.loadShared(MACHINE_ADDRESS, Machine.recordOrder));
  }

  add(listener: RecordListener): void {
    this.#listeners.add(listener);
  }

  delete(listener: RecordListener): void {
    this.#listeners.delete(listener);
  }

  /**
   * Reads what there is; returns how many records there were, told of or kept back. Contexts that waited for room are woken.
   * `isLast`: everything has stopped.
   */
  drain(isLast = false): number {
    const { arena, dp, kernel } = this.#system;
    const records: RawRecord[] = [];
    for (const { id, address } of kernel.contexts) {
      const ring = arena.get(address, Context.trace);
      if (ring === 0) continue;
      if (drainTraceRing(arena, ring, id, (record) => records.push(record)) > 0) dp.wakeUp(address);
    }
    const count = records.length + this.#order.held;
    this.#order.take(records, isLast || this.#isAnyDead(), this.#dispatch);
    return count;
  }

  #isAnyDead(): boolean {
    if (this.#order.held === 0) return false;
    const { arena, kernel } = this.#system;
    return kernel.contexts.some(({ address }) => arena.loadShared(address, Context.dead) !== 0);
  }

  readonly #dispatch = (record: RawRecord): void => {
    switch (record.kind) {
      case RecordKind.TRACEPOINT: {
        const event = tracepointEvent(record);
        for (const { onTracepoint } of this.#listeners) onTracepoint?.(event);
        break;
      }
      case RecordKind.FATE: {
        const event = fateEvent(record, this.#captured.get(record.frame));
        this.#captured.delete(record.frame);
        for (const { onFate } of this.#listeners) onFate?.(event);
        break;
      }
      case RecordKind.CLONE: {
        const event = cloneEvent(record);
        for (const { onClone } of this.#listeners) onClone?.(event);
        break;
      }
      case RecordKind.CAPTURE: {
        const event = sinkEvent(record);
        this.#captured.set(record.frame, event.data);
        for (const { onSink } of this.#listeners) onSink?.(event);
        break;
      }
      case RecordKind.PRINTK: {
        const event = printkEvent(record);
        for (const { onPrintk } of this.#listeners) onPrintk?.(event);
        break;
      }
      case RecordKind.PERF_EVENT: {
        const event = perfEvent(record);
        for (const { onPerfEvent } of this.#listeners) onPerfEvent?.(event);
        break;
      }
      default:
        this.#dispatchStep(record);
    }
  };

  /** What only the ledger's listeners are told of. */
  #dispatchStep(record: RawRecord): void {
    switch (record.kind) {
      case RecordKind.RECEIVE: {
        const event = receiveEvent(record);
        for (const { onReceive } of this.#listeners) onReceive?.(event);
        break;
      }
      case RecordKind.PROGRAM_ENTRY:
        this.#entered.set(record.contextId, record);
        break;
      case RecordKind.PROGRAM_EXIT: {
        const entry = this.#entered.get(record.contextId);
        if (entry === undefined) return;
        const event = programRunEvent(entry, record);
        for (const { onProgram } of this.#listeners) onProgram?.(event);
        break;
      }
      case RecordKind.ENQUEUE:
        for (const event of enqueueEvents(record)) {
          for (const { onEnqueue } of this.#listeners) onEnqueue?.(event);
        }
        break;
    }
  }

  /** Records that did not fit in their rings, but for texts. */
  get lost(): number {
    return this.#sumOf(TraceRing.lost);
  }

  /** Texts of `bpf_trace_printk` that did not fit. */
  get lostTexts(): number {
    return this.#sumOf(TraceRing.lostTexts);
  }

  #sumOf(field: typeof TraceRing.lost | typeof TraceRing.lostTexts): number {
    const { arena, kernel } = this.#system;
    const rings = kernel.contexts.map(({ address }) => arena.get(address, Context.trace));
    return rings.reduce((sum, ring) => sum + (ring === 0 ? 0 : arena.get(ring, field)), 0);
  }
}
