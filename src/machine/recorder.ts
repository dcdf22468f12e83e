import {
  Context,
  type Fate,
  MACHINE_ADDRESS,
  Machine,
  Recording,
  RecordKind,
  Sink,
  TraceRing,
} from '../arena/layout.generated.js';
import { type FateInfo, fates } from '../trace/fates.js';
import { RecordOrder } from '../trace/recordOrder.js';
import { drainTraceRing, type RawRecord } from '../trace/records.js';
import { type TracepointInfo, tracepoints } from '../trace/tracepoints.js';
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
import type { System } from './system.js';
import { type Task, taskOf } from './task.js';

/** A tracepoint that fired. */
export interface TraceEvent {
  readonly name: string;
  readonly info: TracepointInfo;
  /** Nanoseconds of the machine's clock. */
  readonly timeNs: number;
  /** Machine-wide order. */
  readonly order: number;
  /** Where it fired. */
  readonly cpu: number;
  readonly task: Task;
  /** Tag of the frame that it is about, 0 where it is about none or the frame has none. */
  readonly tag: number;
  /** By the names of the print format (`info.fields`). */
  readonly fields: Readonly<Record<string, number>>;
}

/** The end of a frame. */
export interface FateEvent {
  readonly fate: FateInfo;
  /** The ifindex, CPU or socket id that `fate.target` speaks of. */
  readonly target: number;
  readonly length: number;
  /** Where it ended; -1 where that is no emulated CPU's work. */
  readonly cpu: number;
  readonly task: Task;
  readonly timeNs: number;
  readonly order: number;
  readonly tag: number;
  /** The frame's bytes, where captures are on and the fate is a sink's. */
  readonly data: Uint8Array | undefined;
}

/** A frame that reached a sink. */
export interface SinkEvent {
  readonly sink: 'stack' | 'device' | 'socket';
  /** CPU, ifindex or socket id. */
  readonly target: number;
  readonly queue: number;
  readonly data: Uint8Array;
  readonly timeNs: number;
  readonly order: number;
  readonly tag: number;
}

/** What a program wrote by `bpf_trace_printk`. */
export interface PrintkEvent {
  readonly task: Task;
  readonly text: string;
  readonly cpu: number;
  readonly timeNs: number;
  readonly order: number;
}

/** What a program wrote by `bpf_perf_event_output`. */
export interface PerfEvent {
  /** Id of the PERF_EVENT_ARRAY, and the index in it. */
  readonly mapId: number;
  readonly index: number;
  /** The program's bytes, and as much of the packet as it asked for. */
  readonly data: Uint8Array;
  readonly packet: Uint8Array;
  readonly cpu: number;
  readonly timeNs: number;
  readonly order: number;
}

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

const sinkNames = {
  [Sink.STACK]: 'stack',
  [Sink.DEVICE]: 'device',
  [Sink.SOCKET]: 'socket',
} as const;
const fateById: readonly FateInfo[] = [...fates].sort((a, b) => a.id - b.id);

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

function tracepointEvent(record: RawRecord): TraceEvent {
  const { type, timeNs, order, cpu, tag, fields } = record;
  const info = tracepoints[type]!;
  const byName: Record<string, number> = {};
  info.fields.forEach(({ name }, index) => {
    byName[name] = fields[index]!;
  });
  return { name: info.name, info, timeNs, order, cpu, task: taskOf(record), tag, fields: byName };
}

function fateEvent(record: RawRecord, data: Uint8Array | undefined): FateEvent {
  const { type, cpu, timeNs, order, tag, fields } = record;
  const fate = fateById[type as Fate]!;
  return {
    fate,
    target: fields[0]!,
    length: fields[1]!,
    cpu,
    task: taskOf(record),
    timeNs,
    order,
    tag,
    data,
  };
}

function sinkEvent({ type, timeNs, order, tag, fields, data }: RawRecord): SinkEvent {
  const sink = sinkNames[type as Sink];
  return { sink, target: fields[0]!, queue: fields[2]!, data: data!, timeNs, order, tag };
}

function printkEvent(record: RawRecord): PrintkEvent {
  const { data, cpu, timeNs, order } = record;
  return { task: taskOf(record), text: Buffer.from(data!).toString(), cpu, timeNs, order };
}

function perfEvent({ fields, data, cpu, timeNs, order }: RawRecord): PerfEvent {
  const [mapId, , index, ownBytes] = fields;
  return {
    mapId: mapId!,
    index: index! >>> 0,
    data: data!.subarray(0, ownBytes!),
    packet: data!.subarray(ownBytes!),
    cpu,
    timeNs,
    order,
  };
}
