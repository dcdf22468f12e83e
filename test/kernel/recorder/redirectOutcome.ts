import { groupBy } from '../../../src/replay/groupBy.js';
import type {
  Delivery,
  EventFields,
  KthreadDetail,
  KthreadTotals,
  Moment,
  RedirectDocument,
  RedirectEvent,
  RedirectExpect,
  Returns,
  Row,
} from '../../model/redirectTrace.js';
import { TELLS } from './redirectPrograms.js';
import type { RedirectKernel } from './redirectWorld.js';
import type { TraceLine } from './traceInstance.js';

const REDIRECT = 4;
const TX = 3;
const actions: Readonly<Record<string, number>> = { ABORTED: 0, DROP: 1, PASS: 2, TX, REDIRECT };
/** Devices and maps that kthreads alone feed, several of them: the order there is accidental. */
const FED_BY_KTHREADS = /^k/;

/** What happened in one task: the receiver's, or a kthread's. */
interface Task {
  readonly events: (EventFields | Row)[];
  /** Returns and sights of the entry's program that runs. */
  returns: number[];
  seen: readonly number[];
  frame: number;
}

interface Kthread extends Task {
  /** `"map:cpu"`, known once it has told of a batch. */
  name: string | undefined;
  readonly taken: number[];
  readonly stack: number[];
  readonly runs: (Row & { readonly prog: string })[];
  readonly totals: { -readonly [K in Exclude<keyof KthreadTotals, 'kthread'>]: number };
}

/** Makes a trace's lines into what the format expects. */
export class RedirectOutcome {
  readonly #document: RedirectDocument;
  readonly #kernel: RedirectKernel;
  readonly #nonce: string;
  readonly #receiverPid: number;
  readonly #returns: Returns[] = [];
  readonly #actions: number[] = [];
  readonly #events: RedirectEvent[] = [];
  readonly #receiver: Task = { events: [], returns: [], seen: [], frame: 0 };
  readonly #kthreads = new Map<number, Kthread>();
  readonly #devices = new Map<string, number[]>();
  readonly #stack: number[] = [];
  #moment: Moment = { frame: 0 };
  /** The last frame of the batch is redirected: an event of it is still to come. */
  #awaits = false;
  /** Frames that were sent to CPUs and to devices, and those that arrived there. */
  #underWay = { cpus: 0, devices: 0 };

  /** `receiverPid`: the process that asks for the test runs, and so runs the receiving program. */
  constructor(
    document: RedirectDocument,
    kernel: RedirectKernel,
    { nonce, receiverPid }: { readonly nonce: string; readonly receiverPid: number },
  ) {
    this.#receiverPid = receiverPid;
    this.#document = document;
    this.#kernel = kernel;
    this.#nonce = nonce;
  }

  /** Kthreads have not taken all yet. */
  get kthreadsAreBusy(): boolean {
    return this.#underWay.cpus > 0;
  }

  /** Far ends have not got all yet; some of it may wait for a flush that never comes. */
  get devicesAreBusy(): boolean {
    return this.#underWay.devices > 0;
  }

  /** False for a line of somebody else's on this machine. */
  add({ pid, event, text }: TraceLine): boolean {
    // The name of a task may be missing. A far end's line may come from anybody who was interrupted.
    const kthread = pid === this.#receiverPid ? undefined : pid;
    if (event === 'bpf_trace_printk') return this.#tell(kthread, text);
    return this.#tracepoint(kthread, event, fieldsOf(text));
  }

  #kthread(pid: number): Kthread {
    const known = this.#kthreads.get(pid);
    if (known !== undefined) return known;
    const kthread: Kthread = {
      ...{ name: undefined, taken: [], stack: [], runs: [], events: [] },
      ...{ returns: [], seen: [], frame: 0 },
      totals: { processed: 0, drops: 0, xdpPass: 0, xdpDrop: 0, xdpRedirect: 0 },
    };
    this.#kthreads.set(pid, kthread);
    return kthread;
  }

  // -- what programs tell

  #tell(pid: number | undefined, text: string): boolean {
    const [, nonce, letter, ...numbers] = /^x(.{4})(.) (\d+) (\d+) (\d+)/.exec(text) ?? [];
    if (nonce !== this.#nonce) return false;
    const kthread =
      pid === undefined || letter === TELLS.delivered ? undefined : this.#kthread(pid);
    const [a, b, c] = numbers.map(Number) as [number, number, number];
    const task = kthread ?? this.#receiver;
    if (letter === TELLS.frame) this.#begin(a);
    else if (letter === TELLS.returned) task.returns.push(b);
    else if (letter === TELLS.action) this.#end(a, b);
    else if (letter === TELLS.seen) task.seen = [a, b, c];
    else if (letter === TELLS.entry) this.#ran(kthread, this.#document.programs[a]!.id, b, c);
    else if (letter === TELLS.delivered) this.#deliver(this.#kernel.deviceAt(a), b);
    else if (letter === TELLS.stack) (kthread?.stack ?? this.#stack).push(b);
    return true;
  }

  #begin(frame: number): void {
    this.#moment = { frame };
    this.#receiver.returns = [];
  }

  #end(frame: number, action: number): void {
    this.#returns[frame] = returnsOf(this.#receiver.returns) ?? null;
    this.#actions[frame] = action;
    this.#receiver.returns = [];
    const batch = this.#lastOfBatch(frame);
    if (batch === undefined) return;
    // What comes after the last frame's own event is of the flush.
    this.#awaits = action === REDIRECT || action === TX;
    if (!this.#awaits) this.#moment = { flush: batch };
  }

  /** The batch that ends with this frame. */
  #lastOfBatch(frame: number): number | undefined {
    let end = 0;
    for (const [batch, count] of this.#document.batches.entries()) {
      end += count;
      if (end > frame) return end === frame + 1 ? batch : undefined;
    }
    return undefined;
  }

  #ran(kthread: Kthread | undefined, prog: string, seq: number, act: number): void {
    const task = kthread ?? this.#receiver;
    const value = returnsOf(task.returns);
    const [ingress, egress, rxQueue] = task.seen as [number, number, number];
    const ingressIfindex = this.#kernel.deviceName(ingress);
    const egressIfindex = this.#kernel.deviceName(egress);
    const returned = value === undefined ? {} : { return: value };
    task.returns = [];
    if (kthread === undefined) {
      const seen = { ingressIfindex, egressIfindex, rxQueue };
      this.#events.push({ ...this.#moment, ev: 'prog', prog, seq, ...returned, act, ...seen });
      return;
    }
    kthread.frame = seq;
    const isOwn = this.#document.programs.find(({ id }) => id === prog)!.kind === 'cpumap';
    if (isOwn) kthread.taken.push(seq);
    const outgoing = egress === 0 ? {} : { egressIfindex };
    kthread.runs.push({ prog, seq, act, ...returned, ingressIfindex, ...outgoing });
  }

  #deliver(device: string, frame: number): void {
    this.#underWay.devices--;
    const frames = this.#devices.get(device) ?? [];
    frames.push(frame);
    this.#devices.set(device, frames);
  }

  // -- tracepoints

  #tracepoint(pid: number | undefined, name: string, fields: Fields): boolean {
    if (name === 'xdp_cpumap_kthread') {
      return (
        this.#kernel.isOwnMap(Number(fields['map_id'])) &&
        this.#batchOf(this.#kthread(pid!), fields)
      );
    }
    const event = this.#eventOf(name, fields);
    if (event === undefined) return false;
    const kthread = pid === undefined ? undefined : this.#kthread(pid);
    if (kthread !== undefined) {
      const prog = this.#kernel.programName(Number(fields['prog_id']));
      const isRedirect = name.startsWith('xdp_redirect');
      kthread.events.push({ ...event, seq: kthread.frame, ...(isRedirect && { prog }) } as Row);
      return true;
    }
    this.#events.push({ ...this.#moment, ...event });
    if (this.#awaits && name.startsWith('xdp_redirect') && 'frame' in this.#moment) {
      this.#moment = { flush: this.#lastOfBatch(this.#moment.frame)! };
      this.#awaits = false;
    }
    return true;
  }

  #batchOf(kthread: Kthread, fields: Fields): boolean {
    kthread.name = `${this.#kernel.mapName(Number(fields['map_id']))}:${fields['cpu']}`;
    const { totals } = kthread;
    this.#underWay.cpus -= Number(fields['processed']);
    totals.processed += Number(fields['processed']);
    totals.drops += Number(fields['drops']);
    totals.xdpPass += Number(fields['xdp_pass']);
    totals.xdpDrop += Number(fields['xdp_drop']);
    totals.xdpRedirect += Number(fields['xdp_redirect']);
    return true;
  }

  /** Undefined for events of others on this machine. */
  #eventOf(ev: string, fields: Fields): EventFields | undefined {
    const kernel = this.#kernel;
    const number = (field: string) => Number(fields[field]);
    const device = (field: string) => kernel.deviceName(number(field));
    switch (ev) {
      case 'xdp_redirect':
      case 'xdp_redirect_err':
        if (kernel.programName(number('prog_id')) === undefined) return undefined;
        return {
          ev,
          ifindex: device('ifindex'),
          err: number('err'),
          toIfindex: device('to_ifindex'),
          mapId: kernel.mapName(number('map_id')),
          mapIndex: device('map_index'),
        };
      case 'xdp_devmap_xmit':
        if (!kernel.isOwnDevice(number('to_ifindex'))) return undefined;
        this.#underWay.devices += Math.max(0, number('sent'));
        return {
          ev,
          fromIfindex: device('from_ifindex'),
          toIfindex: device('to_ifindex'),
          sent: number('sent'),
          drops: number('drops'),
          err: number('err'),
        };
      case 'xdp_cpumap_enqueue':
        if (!kernel.isOwnMap(number('map_id'))) return undefined;
        // Those that were dropped are among those that were processed.
        this.#underWay.cpus += number('processed') - number('drops');
        return {
          ev,
          mapId: kernel.mapName(number('map_id')),
          processed: number('processed'),
          drops: number('drops'),
          toCpu: number('to_cpu'),
        };
      case 'xdp_exception': {
        const prog = kernel.programName(number('prog_id'));
        if (prog === undefined) return undefined;
        return { ev, prog, ifindex: device('ifindex'), act: actionOf(fields['action']!) };
      }
      default:
        return undefined;
    }
  }

  // -- in the end

  finish(): RedirectExpect {
    const kthreads = [...this.#kthreads.values()].filter(
      ({ name, totals }) => name !== undefined && totals.processed > 0,
    ) as (Kthread & { readonly name: string })[];
    for (const { runs, taken, stack } of kthreads) if (runs.length === 0) taken.push(...stack);
    const detail = detailOf(kthreads);
    return {
      returns: this.#returns,
      actions: this.#actions,
      events: this.#events,
      kthread: kthreads.map(({ name, totals }) => ({ kthread: name, ...totals })),
      ...(detail && { kthreadDetail: detail }),
      delivered: {
        devices: deliveries(this.#devices),
        cpumap: deliveries(kthreads.map(({ name, taken }) => [name, taken])),
        stack: deliveries([
          ['rx', this.#stack],
          ...kthreads.map(({ name, stack }) => [name, stack] as const),
        ]),
        sockets: {},
      },
    };
  }
}

type Fields = Readonly<Record<string, string>>;

/** `prog_id=1 action=REDIRECT ...` */
function fieldsOf(text: string): Fields {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  );
}

function actionOf(text: string): number {
  return actions[text] ?? Number(text) >>> 0;
}

function returnsOf(returns: readonly number[]): number | readonly number[] | undefined {
  return returns.length > 1 ? returns : returns[0];
}

function deliveries(
  all: Iterable<readonly [string, readonly number[]]>,
): Readonly<Record<string, Delivery>> {
  return Object.fromEntries(
    [...all]
      .filter(([, frames]) => frames.length > 0)
      .map(([name, frames]) => [name, { ordered: !FED_BY_KTHREADS.test(name), frames }]),
  );
}

/** Undefined where no kthread did more than pass frames on. */
function detailOf(
  kthreads: readonly (Kthread & { readonly name: string })[],
): KthreadDetail | undefined {
  const programs = kthreads.flatMap(({ name, runs }) =>
    [...groupBy(runs, ({ prog }) => prog)].map(([prog, own]) => ({
      kthread: name,
      prog,
      runs: own.map(({ prog: _, ...run }) => run),
    })),
  );
  const rows = kthreads.flatMap(({ name, events }) =>
    events.map((event) => ({ kthread: name, ...event }) as Row),
  );
  const of = (...kinds: string[]) => rows.filter(({ ev }) => kinds.includes(ev as string));
  const plain = (row: Row): Row => {
    const { ev: _, seq: __, ...rest } = row;
    return rest;
  };
  const redirects = of('xdp_redirect', 'xdp_redirect_err');
  const exceptions = of('xdp_exception');
  const xmit = sumRows(of('xdp_devmap_xmit').map(plain), ['sent', 'drops']);
  const enqueue = sumRows(of('xdp_cpumap_enqueue').map(plain), ['processed', 'drops']);
  const isEmpty = [programs, redirects, exceptions, xmit, enqueue].every(
    ({ length }) => length === 0,
  );
  return isEmpty ? undefined : { programs, redirects, exceptions, xmit, enqueue };
}

function sumRows(rows: readonly Row[], counters: readonly string[]): Row[] {
  const sums = new Map<string, Record<string, unknown>>();
  for (const row of rows) {
    const key = JSON.stringify(Object.entries(row).filter(([name]) => !counters.includes(name)));
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { ...row });
    else for (const each of counters) sum[each] = Number(sum[each]) + Number(row[each]);
  }
  return [...sums.values()];
}
