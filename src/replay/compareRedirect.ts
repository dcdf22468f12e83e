import { compareRows } from './compareRows.js';
import { type Deviation, type Difference, findDeviation, isEqual, joinPath } from './difference.js';
import {
  DESTINATIONS,
  type Delivered,
  type Delivery,
  type KthreadDetail,
  type Moment,
  type Outcome,
  type RedirectEvent,
  type Row,
} from './redirectTrace.js';

/**
 * The first difference between what was recorded and what was found: on the receiving CPU the earliest, then in the
 * kthreads, then in what was delivered, then in the sockets' statistics. `batches` puts their ends among the frames.
 */
export function compareRedirect(
  batches: readonly number[],
  expected: Outcome,
  found: Outcome,
): Difference | undefined {
  return (
    compareReceiver(batches, expected, found) ??
    compareRows('kthread', ['kthread'], expected.kthread, found.kthread) ??
    compareDetails(expected.kthreadDetail, found.kthreadDetail) ??
    compareDelivered(expected.delivered, found.delivered) ??
    at('xskStats', findDeviation(expected.xskStats ?? {}, found.xskStats ?? {}))
  );
}

function at(
  path: string,
  deviation: Deviation | undefined,
  moment?: Moment,
): Difference | undefined {
  return deviation && { ...deviation, ...moment, path: joinPath(path, deviation.path) };
}

// -- the receiving CPU

/** A difference, and how many frames were received before it. */
interface Candidate {
  readonly difference: Difference;
  readonly time: number;
}

/** What the program returned comes before what it led to. */
function compareReceiver(
  batches: readonly number[],
  expected: Outcome,
  found: Outcome,
): Difference | undefined {
  const candidates = [
    firstFrame('returns', expected.returns, found.returns),
    firstFrame('actions', expected.actions, found.actions),
    firstEvent(batches, expected.events, found.events),
  ].filter((candidate) => candidate !== undefined);
  const earliest = Math.min(...candidates.map(({ time }) => time));
  return candidates.find(({ time }) => time === earliest)?.difference;
}

function firstFrame(
  name: string,
  expected: readonly unknown[],
  found: readonly unknown[],
): Candidate | undefined {
  for (let frame = 0; frame < Math.max(expected.length, found.length); frame++) {
    const deviation = findDeviation(expected[frame], found[frame]);
    const difference = at(`${name}[${frame}]`, deviation, { frame });
    if (difference !== undefined) return { difference, time: frame };
  }
  return undefined;
}

function firstEvent(
  batches: readonly number[],
  expected: readonly RedirectEvent[],
  found: readonly RedirectEvent[],
): Candidate | undefined {
  for (let index = 0; index < Math.max(expected.length, found.length); index++) {
    const event = expected[index] ?? found[index]!;
    const deviation = deviationOfEvents(expected[index], found[index]);
    const difference = at(`events[${index}]`, deviation, momentOf(event));
    if (difference !== undefined) return { difference, time: timeOf(batches, event) };
  }
  return undefined;
}

/** Events of two kinds, or of two moments, have no member to compare: they differ as a whole. */
function deviationOfEvents(
  expected: RedirectEvent | undefined,
  found: RedirectEvent | undefined,
): Deviation | undefined {
  const isSameKind = expected?.ev === found?.ev;
  const isSameTime = isEqual(expected && momentOf(expected), found && momentOf(found));
  if (isSameKind && isSameTime) return findDeviation(expected, found);
  return { path: '', expected, found };
}

function momentOf(event: Moment): Moment {
  return 'frame' in event ? { frame: event.frame } : { flush: event.flush };
}

/** A batch ends after its last frame, and before the next batch's first. */
function timeOf(batches: readonly number[], event: Moment): number {
  if ('frame' in event) return event.frame;
  return batches.slice(0, event.flush + 1).reduce((sum, count) => sum + count, -0.5);
}

// -- kthreads

/** What a row of each list is about. */
const DETAIL_KEYS = {
  programs: ['kthread', 'prog', 'seq'],
  redirects: ['kthread', 'seq', 'ev'],
  exceptions: ['kthread', 'seq', 'ev'],
  xmit: ['kthread', 'fromIfindex', 'toIfindex', 'err'],
  enqueue: ['kthread', 'mapId', 'toCpu'],
} as const;
type DetailList = keyof typeof DETAIL_KEYS;
const DETAIL_LISTS = Object.keys(DETAIL_KEYS) as DetailList[];

function compareDetails(
  expected: KthreadDetail | undefined,
  found: KthreadDetail | undefined,
): Difference | undefined {
  for (const list of DETAIL_LISTS) {
    const [a, b] = [rowsOf(expected, list), rowsOf(found, list)];
    const difference = compareRows(`kthreadDetail.${list}`, DETAIL_KEYS[list], a, b);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function rowsOf(detail: KthreadDetail | undefined, list: DetailList): readonly Row[] {
  if (detail === undefined) return [];
  if (list !== 'programs') return detail[list];
  return detail.programs.flatMap(({ kthread, prog, runs }) =>
    runs.map((run): Row => ({ kthread, prog, ...run })),
  );
}

// -- deliveries

const NOTHING: Delivery = { ordered: true, frames: [] };

function compareDelivered(expected: Delivered, found: Delivered): Difference | undefined {
  for (const kind of DESTINATIONS) {
    for (const name of Object.keys({ ...expected[kind], ...found[kind] })) {
      const path = `delivered.${kind}.${name}.frames`;
      const [a, b] = [expected[kind][name] ?? NOTHING, found[kind][name] ?? NOTHING];
      const difference = compareFrames(path, a, b);
      if (difference !== undefined) return difference;
    }
  }
  return undefined;
}

/** Where the order is accidental both are sorted. */
function compareFrames(path: string, expected: Delivery, found: Delivery): Difference | undefined {
  const inOrder = ({ frames }: Delivery) =>
    expected.ordered ? frames : frames.toSorted((a, b) => a - b);
  const deviation = findDeviation(inOrder(expected), inOrder(found));
  if (deviation === undefined) return undefined;
  return at(path, deviation, { frame: Number(deviation.expected ?? deviation.found) });
}
