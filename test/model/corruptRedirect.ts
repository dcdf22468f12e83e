import {
  type Below,
  type Corrupter,
  type Corruption,
  corruptWith,
  firstUnequal,
  isSame,
  otherThan,
  pick,
  unequalNeighbours,
  withIndex,
  withoutIndex,
  withSwapped,
} from './corruption.js';
import type { Place } from './difference.js';
import {
  DESTINATION_KINDS,
  type Delivery,
  type KthreadDetail,
  type KthreadTotals,
  type RedirectEvent,
  type RedirectExpect,
  type RedirectTrace,
  type Row,
} from './redirectTrace.js';

type RedirectCorrupter = Corrupter<RedirectTrace>;

function corrupted(
  trace: RedirectTrace,
  change: Partial<RedirectExpect>,
  what: string,
  place: Place,
): Corruption<RedirectTrace> {
  return { trace: { ...trace, expect: { ...trace.expect, ...change } }, what, place };
}

/** One field of a row, changed. */
function changedField(row: Row, below: Below): { readonly row: Row; readonly field: string } {
  const field = pick(Object.keys(row), below) ?? '';
  return { row: { ...row, [field]: otherThan(row[field], below) }, field };
}

function wrongPerFrame(name: 'returns' | 'actions'): RedirectCorrupter {
  return (trace, below) => {
    const values: readonly unknown[] = trace.expect[name];
    const frame = below(values.length);
    const changed = withIndex(values, frame, otherThan(values[frame], below));
    const place = { frame, path: `${name}[${frame}]` };
    return corrupted(trace, { [name]: changed }, `another ${name}[${frame}]`, place);
  };
}

function withEvents(
  trace: RedirectTrace,
  events: readonly RedirectEvent[],
  what: string,
): Corruption<RedirectTrace> {
  const index = firstUnequal(events, trace.expect.events);
  const seen = (events[index] ?? trace.expect.events[index]) as RedirectEvent;
  const moment = 'frame' in seen ? { frame: seen.frame } : { flush: seen.flush };
  return corrupted(trace, { events }, what, { ...moment, path: `events[${index}]` });
}

const wrongEvent: RedirectCorrupter = (trace, below) => {
  const { events } = trace.expect;
  if (events.length === 0) return undefined;
  const index = below(events.length);
  const { row, field } = changedField(events[index] as unknown as Row, below);
  const changed = withIndex(events, index, row as unknown as RedirectEvent);
  return withEvents(trace, changed, `another ${field} in events[${index}]`);
};

const missingEvent: RedirectCorrupter = (trace, below) => {
  const { events } = trace.expect;
  if (events.length === 0) return undefined;
  const index = below(events.length);
  return withEvents(trace, withoutIndex(events, index), `events[${index}] removed`);
};

const repeatedEvent: RedirectCorrupter = (trace, below) => {
  const { events } = trace.expect;
  if (events.length === 0) return undefined;
  const index = below(events.length);
  const repeated = events.flatMap((event, i) => (i === index ? [event, event] : [event]));
  return withEvents(trace, repeated, `events[${index}] twice`);
};

const swappedEvents: RedirectCorrupter = (trace, below) => {
  const { events } = trace.expect;
  const index = pick(unequalNeighbours(events), below);
  if (index === undefined) return undefined;
  const what = `events[${index}] and events[${index + 1}] swapped`;
  return withEvents(trace, withSwapped(events, index), what);
};

const wrongTotal: RedirectCorrupter = (trace, below) => {
  const { kthread } = trace.expect;
  if (kthread.length === 0) return undefined;
  const index = below(kthread.length);
  const old = kthread[index] as Row;
  const { row, field } = changedField(old, below);
  const changed = withIndex(kthread, index, row as KthreadTotals);
  const path = `kthread[${row.kthread}]`;
  return corrupted(trace, { kthread: changed }, `another ${field} of kthread ${old.kthread}`, {
    path,
  });
};

/** Changes or removes one row; a kthread's totals by target have no frame. */
function corruptRow(rows: readonly Row[], below: Below): { rows: Row[]; what: string; seen: Row } {
  const index = below(rows.length);
  const old = rows[index] as Row;
  if (below(2) === 0) return { rows: withoutIndex(rows, index), what: 'removed', seen: old };
  const { row, field } = changedField(old, below);
  return { rows: withIndex(rows, index, row), what: `with another ${field}`, seen: row };
}

function frameOf(row: Row): { frame?: number } {
  return row.seq !== undefined ? { frame: row.seq } : {};
}

const wrongDetail: RedirectCorrupter = (trace, below) => {
  const { kthreadDetail: detail } = trace.expect;
  const lists = ['redirects', 'exceptions', 'xmit', 'enqueue'] as const;
  const list = pick(
    lists.filter((name) => detail?.[name].length),
    below,
  );
  if (!detail || !list) return undefined;
  const { rows, what, seen } = corruptRow(detail[list], below);
  const kthreadDetail: KthreadDetail = { ...detail, [list]: rows };
  const place = { ...frameOf(seen), path: `kthreadDetail.${list}` };
  return corrupted(trace, { kthreadDetail }, `a row of ${list} ${what}`, place);
};

const wrongRun: RedirectCorrupter = (trace, below) => {
  const { kthreadDetail: detail } = trace.expect;
  if (!detail?.programs.length) return undefined;
  const index = below(detail.programs.length);
  const program = detail.programs[index] as KthreadDetail['programs'][number];
  const { rows, what, seen } = corruptRow(program.runs, below);
  const programs = withIndex(detail.programs, index, { ...program, runs: rows });
  const kthreadDetail: KthreadDetail = { ...detail, programs };
  const place = { ...frameOf(seen), path: 'kthreadDetail.programs' };
  return corrupted(trace, { kthreadDetail }, `a run of ${program.prog} ${what}`, place);
};

/** Corrupts the frames of one destination among those that `change` applies to. */
function corruptDelivery(
  change: (delivery: Delivery, below: Below) => number[] | undefined,
  what: string,
): RedirectCorrupter {
  return (trace, below) => {
    const { delivered } = trace.expect;
    const all = DESTINATION_KINDS.flatMap((kind) =>
      Object.entries(delivered[kind]).map(([name, delivery]) => ({ kind, name, delivery })),
    );
    const applicable = all.filter(({ delivery }) => change(delivery, () => 0));
    const { kind, name, delivery } = pick(applicable, below) ?? {};
    const frames = delivery && change(delivery, below);
    if (!kind || !name || !frames) return undefined;
    const inOrder = (list: readonly number[]): readonly number[] =>
      delivery.ordered ? list : [...list].sort((a, b) => a - b);
    const [before, after] = [inOrder(delivery.frames), inOrder(frames)];
    const index = firstUnequal(after, before);
    const targets = { ...delivered[kind], [name]: { ...delivery, frames } };
    return corrupted(
      trace,
      { delivered: { ...delivered, [kind]: targets } },
      `${kind} ${name}: ${what}`,
      {
        frame: after[index] ?? before[index] ?? 0,
        path: `delivered.${kind}.${name}.frames[${index}]`,
      },
    );
  };
}

const missingDelivery = corruptDelivery(({ frames }, below) => {
  return frames.length === 0 ? undefined : withoutIndex(frames, below(frames.length));
}, 'a frame removed');

const repeatedDelivery = corruptDelivery(({ frames }, below) => {
  if (frames.length === 0) return undefined;
  const index = below(frames.length);
  return frames.flatMap((frame, i) => (i === index ? [frame, frame] : [frame]));
}, 'a frame twice');

const swappedDelivery = corruptDelivery(({ ordered, frames }, below) => {
  const index = ordered ? pick(unequalNeighbours(frames), below) : undefined;
  return index === undefined ? undefined : withSwapped(frames, index);
}, 'two frames swapped');

const wrongStats: RedirectCorrupter = (trace, below) => {
  const { xskStats } = trace.expect;
  const [socket, stats] = pick(Object.entries(xskStats ?? {}), below) ?? [];
  if (!socket || !stats) return undefined;
  const { row, field } = changedField({ ...stats }, below);
  const changed = { ...xskStats, [socket]: row } as NonNullable<RedirectExpect['xskStats']>;
  return corrupted(trace, { xskStats: changed }, `another ${field} of socket ${socket}`, {
    path: `xskStats.${socket}.${field}`,
  });
};

const CORRUPTERS: readonly RedirectCorrupter[] = [
  wrongPerFrame('returns'),
  wrongPerFrame('actions'),
  wrongEvent,
  missingEvent,
  repeatedEvent,
  swappedEvents,
  wrongTotal,
  wrongDetail,
  wrongRun,
  missingDelivery,
  repeatedDelivery,
  swappedDelivery,
  wrongStats,
];

/** Makes one random change to what a redirect trace expects; its document stays as it is. */
export function corruptRedirectTrace(
  trace: RedirectTrace,
  below: Below,
): Corruption<RedirectTrace> {
  const corruption = corruptWith(CORRUPTERS, trace, below);
  if (isSame(corruption.trace, trace)) throw new RangeError(`${corruption.what}: nothing changed`);
  return corruption;
}
