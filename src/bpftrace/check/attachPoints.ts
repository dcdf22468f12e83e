import { SYSTEM, type TracepointInfo } from '../../trace/tracepoints.js';
import type { AttachPointNode } from '../language/ast.js';
import type { Parameters } from './parameters.js';

/** What a probe is attached to. */
export type Target =
  | { readonly kind: 'BEGIN' | 'END'; readonly name: string }
  | { readonly kind: 'interval'; readonly name: string; readonly periodNs: number }
  | { readonly kind: 'tracepoint'; readonly name: string; readonly info: TracepointInfo };

/** Says what is wrong with the attach point at hand. */
export interface AttachReports {
  error(message: string): void;
  /** bpftrace goes on without a tracepoint that is not there where the probe has others. */
  missing(message: string): void;
}

/** What `point` attaches to; nothing where it is wrong or empty, as after a comma too many. */
export function targetsOf(
  { text }: AttachPointNode,
  events: readonly TracepointInfo[],
  parameters: Parameters,
  reports: AttachReports,
): readonly Target[] {
  const [provider, ...parts] = text
    .replace(/\$([0-9]+)/g, (_, number) => parameters.text(Number(number)))
    .split(':');
  switch (provider) {
    case '':
      return [];
    case 'BEGIN':
    case 'END':
      if (parts.length === 0) return [{ kind: provider, name: provider }];
      reports.error(`${provider} probe type requires 0 arguments`);
      return [];
    case 'interval':
    case 'i':
      return intervalOf(parts, reports);
    case 'tracepoint':
    case 't':
      return tracepointsOf(parts, events, reports);
    default:
      reports.error(
        `Invalid probe type: ${provider} (there are tracepoint, interval, BEGIN and END here)`,
      );
      return [];
  }
}

const unitsNs: Readonly<Record<string, number>> = { s: 1e9, ms: 1e6, us: 1e3 };

function intervalOf([unit, count, ...more]: readonly string[], reports: AttachReports): Target[] {
  if (unit === undefined || count === undefined || more.length > 0) {
    reports.error('interval probe type requires 2 arguments');
    return [];
  }
  const unitNs = unitsNs[unit];
  if (unitNs === undefined && unit !== 'hz') {
    reports.error(`${unit} is not an accepted unit of time`);
    return [];
  }
  const number = Number(count);
  if (!/^[0-9]+$/.test(count) || number === 0) {
    reports.error(`interval probe: expected a whole number from 1, found ${count}`);
    return [];
  }
  const periodNs = unitNs === undefined ? 1e9 / number : unitNs * number;
  return [{ kind: 'interval', name: `interval:${unit}:${count}`, periodNs }];
}

function tracepointsOf(
  parts: readonly string[],
  events: readonly TracepointInfo[],
  reports: AttachReports,
): Target[] {
  const [system, event] = parts.length === 1 && parts[0]!.includes('*') ? ['*', parts[0]!] : parts;
  if (system === undefined || event === undefined || parts.length > 2) {
    reports.error('tracepoint probe type requires 2 arguments');
    return [];
  }
  if (system === '' || event === '') {
    reports.error('tracepoint probe must have a target');
    return [];
  }
  const isGlob = `${system}${event}`.includes('*');
  const found = globOf(system).test(SYSTEM)
    ? events.filter(({ name }) => globOf(event).test(name))
    : [];
  if (found.length === 0 && isGlob) reports.error(`tracepoints not found: ${system}:${event}`);
  if (found.length === 0 && !isGlob) reports.missing(`tracepoint not found: ${system}:${event}`);
  return found
    .map(
      (info): Target => ({ kind: 'tracepoint', name: `tracepoint:${SYSTEM}:${info.name}`, info }),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function globOf(pattern: string): RegExp {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`);
}
