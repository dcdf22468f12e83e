/** Compares the `expect` object of a redirect trace with another; knows nothing of either's making. */

import { type Difference, firstParting, type Parting, pathText } from './difference.js';
import {
  DESTINATION_KINDS,
  type Delivered,
  type Delivery,
  type KthreadDetail,
  type Moment,
  type RedirectEvent,
  type RedirectExpect,
  type Row,
} from './redirectTrace.js';

interface Timed {
  readonly difference: Difference;
  /** Frames that came before it. */
  readonly time: number;
}

function located(parting: Parting, prefix: string, place: Partial<Moment> = {}): Difference {
  const suffix = pathText(parting.path);
  const join = suffix === '' || suffix.startsWith('[') ? '' : '.';
  return { ...parting, ...place, path: `${prefix}${join}${suffix}` };
}

function firstPerFrame(
  name: 'returns' | 'actions',
  expected: RedirectExpect,
  found: RedirectExpect,
): Timed | undefined {
  const count = Math.max(expected[name].length, found[name].length);
  for (let frame = 0; frame < count; frame++) {
    const parting = firstParting(expected[name][frame], found[name][frame]);
    if (!parting) continue;
    return { difference: located(parting, `${name}[${frame}]`, { frame }), time: frame };
  }
  return undefined;
}

/** The end of batch `b` comes after its last frame and before the next batch's first. */
function timeOf(event: RedirectEvent, batches: readonly number[]): number {
  if ('frame' in event) return event.frame;
  const frames = batches.slice(0, event.flush + 1).reduce((sum, count) => sum + count, 0);
  return frames - 0.5;
}

function momentOf(event: RedirectEvent): Moment {
  return 'frame' in event ? { frame: event.frame } : { flush: event.flush };
}

/** Two events that are not of a kind, or not of one moment, differ as a whole. */
function eventParting(expected?: RedirectEvent, found?: RedirectEvent): Parting | undefined {
  if (!expected || !found) return expected === found ? undefined : { path: [], expected, found };
  const kind = (event: RedirectEvent): unknown => ({ ...momentOf(event), ev: event.ev });
  if (firstParting(kind(expected), kind(found))) return { path: [], expected, found };
  return firstParting(expected, found);
}

function firstEvent(
  batches: readonly number[],
  expected: RedirectExpect,
  found: RedirectExpect,
): Timed | undefined {
  const count = Math.max(expected.events.length, found.events.length);
  for (let i = 0; i < count; i++) {
    const parting = eventParting(expected.events[i], found.events[i]);
    if (!parting) continue;
    const event = (expected.events[i] ?? found.events[i]) as RedirectEvent;
    const difference = located(parting, `events[${i}]`, momentOf(event));
    return { difference, time: timeOf(event, batches) };
  }
  return undefined;
}

/** On one frame its program's return comes before its action, and that before the events. */
function firstOnReceivingCpu(
  batches: readonly number[],
  expected: RedirectExpect,
  found: RedirectExpect,
): Difference | undefined {
  const candidates = [
    firstPerFrame('returns', expected, found),
    firstPerFrame('actions', expected, found),
    firstEvent(batches, expected, found),
  ].filter((candidate) => candidate !== undefined);
  return candidates.sort((a, b) => a.time - b.time)[0]?.difference;
}

function canonical(row: Row): string {
  return JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const ROW_KEYS = ['kthread', 'prog', 'seq', 'fromIfindex', 'toIfindex', 'err', 'mapId', 'toCpu'];

/** What tells one row of a list from another: two rows that agree in it are compared field by field. */
function identity(row: Row, keys: readonly string[]): string {
  return JSON.stringify(keys.map((key) => row[key] ?? null));
}

/** Compares two lists of rows as multisets; reports the first of the expected rows that has no equal. */
function firstRow(
  name: string,
  keys: readonly string[],
  expected: readonly Row[],
  found: readonly Row[],
): Difference | undefined {
  const extra = new Map<string, Row[]>();
  for (const row of found) extra.set(canonical(row), [...(extra.get(canonical(row)) ?? []), row]);
  const missing = expected.filter((row) => extra.get(canonical(row))?.pop() === undefined);
  const unmatched = [...extra.values()].flat();
  const [first] = missing;
  const row = first ?? unmatched[0];
  if (!row) return undefined;
  const place = row.seq !== undefined ? { frame: row.seq } : {};
  const twin = first && unmatched.find((other) => identity(other, keys) === identity(first, keys));
  const parting = twin && firstParting(first, twin);
  const label = `${name}[${keys
    .filter((key) => key in row)
    .map((key) => row[key])
    .join(' ')}]`;
  if (parting) return located(parting, label, place);
  return { path: label, ...place, expected: first, found: first ? undefined : unmatched[0] };
}

function detailRows(
  detail: KthreadDetail | undefined,
): Record<keyof KthreadDetail, readonly Row[]> {
  const programs = detail?.programs ?? [];
  return {
    programs: programs.flatMap(({ kthread, prog, runs }) =>
      runs.map((run) => ({ kthread, prog, ...run })),
    ),
    redirects: detail?.redirects ?? [],
    exceptions: detail?.exceptions ?? [],
    xmit: detail?.xmit ?? [],
    enqueue: detail?.enqueue ?? [],
  };
}

function firstInKthreads(expected: RedirectExpect, found: RedirectExpect): Difference | undefined {
  const totals = firstRow('kthread', ['kthread'], expected.kthread, found.kthread);
  if (totals) return totals;
  const [a, b] = [detailRows(expected.kthreadDetail), detailRows(found.kthreadDetail)];
  for (const list of Object.keys(a) as (keyof KthreadDetail)[]) {
    const difference = firstRow(`kthreadDetail.${list}`, ROW_KEYS, a[list], b[list]);
    if (difference) return difference;
  }
  return undefined;
}

const NOTHING: Delivery = { ordered: true, frames: [] };

/** An unordered delivery is put in order of frame number, so that only the numbers matter. */
function firstInDelivery(
  name: string,
  expected: Delivery,
  found: Delivery,
): Difference | undefined {
  const order = (frames: readonly number[]): readonly number[] =>
    expected.ordered ? frames : [...frames].sort((a, b) => a - b);
  const parting = firstParting(order(expected.frames), order(found.frames));
  if (!parting) return undefined;
  const frame = Number(parting.expected ?? parting.found);
  return located(parting, `${name}.frames`, { frame });
}

function firstDelivered(expected: Delivered, found: Delivered): Difference | undefined {
  for (const kind of DESTINATION_KINDS) {
    const [a, b] = [expected[kind] ?? {}, found[kind] ?? {}];
    for (const target of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const name = `delivered.${kind}.${target}`;
      const difference = firstInDelivery(name, a[target] ?? NOTHING, b[target] ?? NOTHING);
      if (difference) return difference;
    }
  }
  return undefined;
}

/**
 * The first difference: on the receiving CPU the earliest, then in the kthreads, the deliveries, the socket statistics.
 *
 * @param batches the document's `batches`, which order the end of a batch among the frames
 */
export function compareRedirect(
  batches: readonly number[],
  expected: RedirectExpect,
  found: RedirectExpect,
): Difference | undefined {
  const difference =
    firstOnReceivingCpu(batches, expected, found) ??
    firstInKthreads(expected, found) ??
    firstDelivered(expected.delivered, found.delivered);
  if (difference) return difference;
  const parting = firstParting(expected.xskStats ?? {}, found.xskStats ?? {});
  return parting && located(parting, 'xskStats');
}
