import { type Fate, Sink } from '../arena/layout.generated.js';
import { type FateInfo, fates } from '../trace/fates.js';
import type { RawRecord } from '../trace/records.js';
import { type TracepointInfo, tracepoints } from '../trace/tracepoints.js';
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

const sinkNames = {
  [Sink.STACK]: 'stack',
  [Sink.DEVICE]: 'device',
  [Sink.SOCKET]: 'socket',
} as const;
const fateById: readonly FateInfo[] = [...fates].sort((a, b) => a.id - b.id);

export function tracepointEvent(record: RawRecord): TraceEvent {
  const { type, timeNs, order, cpu, tag, fields } = record;
  const info = tracepoints[type]!;
  const byName: Record<string, number> = {};
  info.fields.forEach(({ name }, index) => {
    byName[name] = fields[index]!;
  });
  return { name: info.name, info, timeNs, order, cpu, task: taskOf(record), tag, fields: byName };
}

export function fateEvent(record: RawRecord, data: Uint8Array | undefined): FateEvent {
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

export function sinkEvent({ type, timeNs, order, tag, fields, data }: RawRecord): SinkEvent {
  const sink = sinkNames[type as Sink];
  return { sink, target: fields[0]!, queue: fields[2]!, data: data!, timeNs, order, tag };
}

export function printkEvent(record: RawRecord): PrintkEvent {
  const { data, cpu, timeNs, order } = record;
  return { task: taskOf(record), text: Buffer.from(data!).toString(), cpu, timeNs, order };
}

export function perfEvent({ fields, data, cpu, timeNs, order }: RawRecord): PerfEvent {
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
