import { type BucketBounds, linearBounds, powerBounds } from '../values/histogram.js';
import { average, type BpftraceMap, type Entry } from '../values/map.js';
import type { Average, Value } from '../values/state.js';
import { type OutputFormat, type PrintLimits, topOf } from './output.js';
import { keyText, valueText } from './values.js';

/** What bpftrace prints by default. */
export const textFormat: OutputFormat = {
  attached: (probes) => `Attaching ${probes} ${probes === 1 ? 'probe' : 'probes'}...\n`,
  map: mapText,
  value: (type, value) => `${valueText(type, value)}\n`,
  message: (_, text) => text,
  lost: (events) => `Lost ${events} events\n`,
};

function mapText(map: BpftraceMap, limits: PrintLimits): string {
  const { kind } = map.declaration.type;
  // `print()` takes no heed of what it was asked for where the values are stats.
  const { top, divisor } = kind === 'stats' ? { top: 0, divisor: 1 } : limits;
  const lines = topOf(map.sorted(), top).map((entry) => {
    return `${headText(map, entry)}: ${stateText(map, entry, divisor)}`;
  });
  return `${lines.join('\n')}\n${kind === 'stats' || kind === 'avg' ? '\n' : ''}`;
}

function headText({ declaration }: BpftraceMap, { key }: Entry): string {
  const { name, keys } = declaration;
  if (keys.length === 0) return name;
  return `${name}[${keys.map((type, index) => keyText(type, key[index]!)).join(', ')}]`;
}

function stateText({ declaration }: BpftraceMap, { state }: Entry, divisor: number): string {
  const { type, range } = declaration;
  switch (type.kind) {
    case 'hist':
      return `\n${histogramText(state as number[], divisor, powerHead)}`;
    case 'lhist':
      return `\n${histogramText(state as number[], 1, (bucket) => linearHead(linearBounds(bucket, range!)))}`;
    case 'stats': {
      const { count, total } = state as Average;
      return `count ${count}, average ${average(state as Average)}, total ${total}`;
    }
    case 'avg':
      return valueText(type, average(state as Average), divisor);
    default:
      return valueText(type, state as Value, divisor);
  }
}

const BAR_WIDTH = 52;

function histogramText(
  counts: readonly number[],
  divisor: number,
  head: (bucket: number) => string,
): string {
  const most = Math.max(...counts);
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const rows = counts.slice(Math.max(first, 0), last + 1).map((count, index) => {
    // bpftrace computes in floats, where a third of the width is a little less.
    const width = Math.fround(Math.fround(count / most) * BAR_WIDTH);
    const bar = '@'.repeat(Math.trunc(width)).padEnd(BAR_WIDTH);
    const number = String(Math.trunc(count / divisor)).padStart(8);
    return `${head(first + index).padEnd(16)}${number} |${bar}|\n`;
  });
  return rows.join('');
}

function powerHead(bucket: number): string {
  const { min, max } = powerBounds(bucket);
  if (min === undefined) return '(..., 0)';
  return min === max ? `[${min}]` : `[${powerLabel(bucket - 2)}, ${powerLabel(bucket - 1)})`;
}

const powerUnits = ['', 'K', 'M', 'G', 'T'] as const;

function powerLabel(power: number): string {
  const unit = Math.min(Math.trunc(power / 10), powerUnits.length - 1);
  return `${2 ** (power - 10 * unit)}${powerUnits[unit]}`;
}

function linearHead({ min, max }: BucketBounds): string {
  if (min === undefined) return `(..., ${linearLabel(max! + 1)})`;
  return max === undefined
    ? `[${linearLabel(min)}, ...)`
    : `[${linearLabel(min)}, ${linearLabel(max + 1)})`;
}

const MEGA = 2 ** 20;
const KILO = 2 ** 10;

function linearLabel(number: number): string {
  if (number === 0) return '0';
  if (number % MEGA === 0) return `${number / MEGA}M`;
  return number % KILO === 0 ? `${number / KILO}K` : String(number);
}
