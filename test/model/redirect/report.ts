import type {
  Delivery,
  EventFields,
  KthreadDetail,
  RedirectExpect,
  Row,
} from '../redirectTrace.js';
import type { Inbox } from './inbox.js';
import type { Kthread } from './kthread.js';
import type { Machine } from './machine.js';
import type { Receiver } from './receiver.js';

type NamedInbox = readonly [name: string, inbox: Inbox];

function deliveries(inboxes: readonly NamedInbox[]): Readonly<Record<string, Delivery>> {
  return Object.fromEntries(
    inboxes.map(([name, inbox]) => [name, { ordered: inbox.isOrdered(), frames: inbox.frames }]),
  );
}

function isUsed([, inbox]: NamedInbox): boolean {
  return inbox.frames.length > 0;
}

type EventOf<Ev extends EventFields['ev']> = Extract<EventFields, { ev: Ev }>;

function eventsOf<Ev extends EventFields['ev']>(
  kthread: Kthread,
  ...kinds: readonly Ev[]
): { readonly event: EventOf<Ev>; readonly seq?: number }[] {
  const wanted: readonly string[] = kinds;
  return kthread.events.filter(({ event }) => wanted.includes(event.ev)) as {
    event: EventOf<Ev>;
    seq?: number;
  }[];
}

/** Runs by frame. A cpumap program has no egress device, and all that run here see queue 0. */
function programRuns(kthread: Kthread): KthreadDetail['programs'] {
  const runs = new Map<string, Row[]>();
  for (const { event } of eventsOf(kthread, 'prog')) {
    const { ev: _, prog, rxQueue: __, egressIfindex, ...run } = event;
    const row = egressIfindex === 0 ? run : { ...run, egressIfindex };
    runs.set(prog, [...(runs.get(prog) ?? []), row]);
  }
  return [...runs].map(([prog, rows]) => ({ kthread: kthread.name, prog, runs: rows }));
}

function redirects(kthread: Kthread): Row[] {
  const prog = kthread.entry.program?.id;
  return eventsOf(kthread, 'xdp_redirect', 'xdp_redirect_err').map(({ event, ...about }) => {
    const { ev, ...fields } = event;
    return { kthread: kthread.name, ...about, ev, prog, ...fields };
  });
}

function exceptions(kthread: Kthread): Row[] {
  return eventsOf(kthread, 'xdp_exception').map(({ event, ...about }) => {
    return { kthread: kthread.name, ...about, ...event };
  });
}

/** Adds up `counters` of the rows that agree in all else. */
function totals(rows: readonly Row[], counters: readonly [string, string]): Row[] {
  const sums = new Map<string, Record<string, unknown>>();
  for (const row of rows) {
    const key = JSON.stringify(Object.entries(row).filter(([name]) => !counters.includes(name)));
    const sum = sums.get(key);
    if (!sum) sums.set(key, { ...row });
    else for (const name of counters) sum[name] = Number(sum[name]) + Number(row[name]);
  }
  return [...sums.values()];
}

function kthreadDetail(kthreads: readonly Kthread[]): KthreadDetail {
  const rows = (ev: 'xdp_devmap_xmit' | 'xdp_cpumap_enqueue'): Row[] =>
    kthreads.flatMap((kthread) =>
      eventsOf(kthread, ev).map(({ event: { ev: _, ...fields } }) => {
        return { kthread: kthread.name, ...fields };
      }),
    );
  return {
    programs: kthreads.flatMap(programRuns),
    redirects: kthreads.flatMap(redirects),
    exceptions: kthreads.flatMap(exceptions),
    xmit: totals(rows('xdp_devmap_xmit'), ['sent', 'drops']),
    enqueue: totals(rows('xdp_cpumap_enqueue'), ['processed', 'drops']),
  };
}

/** The `expect` object of `FORMAT.md`. */
export function report(
  machine: Machine,
  kthreads: readonly Kthread[],
  receiver: Receiver,
): RedirectExpect {
  const detail = kthreadDetail(kthreads);
  const hasDetail = Object.values(detail).some((list) => list.length > 0);
  const { devices, sockets } = machine;
  const deviceInboxes = [...devices].map(([name, { delivered }]): NamedInbox => [name, delivered]);
  const cpuInboxes = kthreads.map(({ name, entry }): NamedInbox => [name, entry.delivered]);
  const stackInboxes: readonly NamedInbox[] = [
    ['rx', receiver.stack],
    ...kthreads.map(({ name, stack }): NamedInbox => [name, stack]),
  ];
  return {
    returns: receiver.returns,
    actions: receiver.actions,
    events: receiver.events,
    kthread: kthreads.map((kthread) => kthread.totals()).filter(({ processed }) => processed > 0),
    ...(hasDetail && { kthreadDetail: detail }),
    delivered: {
      devices: deliveries(deviceInboxes.filter(isUsed)),
      cpumap: deliveries(cpuInboxes.filter(isUsed)),
      stack: deliveries(stackInboxes.filter(isUsed)),
      // A socket is listed whether it received anything or not.
      sockets: deliveries(sockets.map(({ id, delivered }) => [id, delivered])),
    },
    ...(sockets.length > 0 && {
      xskStats: Object.fromEntries(sockets.map((socket) => [socket.id, socket.stats()])),
    }),
  };
}
