import type { Type } from '../language/types.js';
import { type BucketBounds, linearBounds, powerBounds } from '../values/histogram.js';
import { average, type BpftraceMap, type Entry } from '../values/map.js';
import type { Average, Value } from '../values/state.js';
import { type OutputFormat, type PrintLimits, topOf } from './output.js';
import { keyText, valueText } from './values.js';

/** `-f json`: an object a line. Spaces are where bpftrace has them. */
export const jsonFormat: OutputFormat = {
  attached: (probes) => line('attached_probes', `{"probes": ${probes}}`),
  map: mapJson,
  value: (type, value) => line('value', scalar(type, value, 1)),
  message: (kind, text) => line(kind, JSON.stringify(text)),
  lost: (events) => line('lost_events', `{"events": ${events}}`),
};

function line(type: string, data: string): string {
  return `{"type": "${type}", "data": ${data}}\n`;
}

function mapJson(map: BpftraceMap, { top, divisor }: PrintLimits): string {
  const { name, keys, type } = map.declaration;
  const entries = topOf(map.sorted(), type.kind === 'stats' ? 0 : top);
  if (entries.length === 0) return '';
  const members = entries.map((entry) => {
    const value = stateJson(map, entry, divisor);
    if (keys.length === 0) return value;
    const key = keys.map((keyType, index) => keyText(keyType, entry.key[index]!)).join(',');
    return `${JSON.stringify(key)}: ${value}`;
  });
  const data = keys.length === 0 ? members.join(', ') : `{${members.join(', ')}}`;
  return line(messageType(type), `{${JSON.stringify(name)}: ${data}}`);
}

function messageType({ kind }: Type): string {
  if (kind === 'hist' || kind === 'lhist') return 'hist';
  return kind === 'stats' || kind === 'avg' ? 'stats' : 'map';
}

function stateJson({ declaration }: BpftraceMap, { state }: Entry, divisor: number): string {
  const { type, range } = declaration;
  switch (type.kind) {
    case 'hist':
      return histogramJson(state as number[], divisor, powerBounds);
    case 'lhist':
      return histogramJson(state as number[], 1, (bucket) => linearBounds(bucket, range!));
    case 'stats': {
      const { count, total } = state as Average;
      return `{"count": ${count}, "average": ${average(state as Average)}, "total": ${total}}`;
    }
    case 'avg':
      return scalar(type, average(state as Average), divisor);
    default:
      return scalar(type, state as Value, divisor);
  }
}

function histogramJson(
  counts: readonly number[],
  divisor: number,
  bounds: (bucket: number) => BucketBounds,
): string {
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const buckets = counts.slice(Math.max(first, 0), last + 1).map((count, index) => {
    const { min, max } = bounds(first + index);
    const ends = [
      ...(min === undefined ? [] : [`"min": ${min}`]),
      ...(max === undefined ? [] : [`"max": ${max}`]),
    ];
    return `{${[...ends, `"count": ${Math.trunc(count / divisor)}`].join(', ')}}`;
  });
  return `[${buckets.join(', ')}]`;
}

function scalar(type: Type, value: Value, divisor: number): string {
  return typeof value === 'string' ? JSON.stringify(value) : valueText(type, value, divisor);
}
