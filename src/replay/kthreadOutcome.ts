import { Fate, RecordKind, Tracepoint } from '../arena/layout.generated.js';
import type { RawRecord } from '../trace/records.js';
import { type EventRow, type EventSymbols, eventOf, programOf } from './events.js';
import { groupBy } from './groupBy.js';
import { type ProgramRun, runOf } from './programRuns.js';
import type { KthreadDetail, Row } from './redirectTrace.js';

/** What one kthread did. */
export interface KthreadOutcome {
  /** `"map:cpu"` */
  readonly name: string;
  /** Frames that it took from its queue, and those that it gave to the stack. */
  readonly taken: number[];
  readonly stack: number[];
  readonly runs: ProgramRun[];
  readonly events: { readonly event: EventRow; readonly record: RawRecord }[];
  readonly totals: KthreadTotals;
}

/** Sums of the members of `xdp_cpumap_kthread`. */
interface KthreadTotals {
  processed: number;
  drops: number;
  xdpPass: number;
  xdpDrop: number;
  xdpRedirect: number;
}

/**
 * Takes a context's records apart by kthread. The tracepoint `xdp_cpumap_kthread` ends a batch and names its kthread:
 * what came since the one before is that kthread's, and what it gives to the stack comes directly afterwards.
 */
export class KthreadReader {
  readonly kthreads = new Map<string, KthreadOutcome>();
  readonly #symbols: EventSymbols;
  /** Of the batch that has not ended yet. */
  #runs: ProgramRun[] = [];
  #events: KthreadOutcome['events'] = [];
  /** Where the frames go that the last batch's kthread still gives to the stack, and how many there are. */
  #toStack: { readonly lists: number[][]; left: number } = { lists: [], left: 0 };

  constructor(symbols: EventSymbols) {
    this.#symbols = symbols;
  }

  read(records: readonly RawRecord[]): void {
    for (const record of records) this.#readRecord(record);
  }

  #readRecord(record: RawRecord): void {
    if (record.kind === RecordKind.RUN) this.#runs.push(runOf(this.#symbols, record));
    if (record.kind === RecordKind.FATE && record.type === Fate.PASS) this.#pass(record.tag - 1);
    if (record.kind !== RecordKind.TRACEPOINT) return;
    if (record.type === Tracepoint.XDP_CPUMAP_KTHREAD) this.#endBatch(record.fields);
    else this.#events.push({ event: eventOf(this.#symbols, record), record });
  }

  #pass(frame: number): void {
    if (this.#toStack.left-- <= 0)
      throw new Error(`frame ${frame}: no kthread gave it to the stack`);
    for (const list of this.#toStack.lists) list.push(frame);
  }

  #endBatch([cpu, mapId, , processed, drops, , pass, drop, redirect]: Int32Array): void {
    const kthread = this.#kthread(`${this.#symbols.mapName(mapId!)}:${cpu}`);
    const own = this.#runs.filter(({ kind }) => kind === 'cpumap').map(({ frame }) => frame);
    kthread.taken.push(...own);
    kthread.runs.push(...this.#runs);
    kthread.events.push(...this.#events);
    kthread.totals.processed += processed!;
    kthread.totals.drops += drops!;
    kthread.totals.xdpPass += pass!;
    kthread.totals.xdpDrop += drop!;
    kthread.totals.xdpRedirect += redirect!;
    // Without a program all that it takes goes to the stack.
    this.#toStack =
      own.length > 0
        ? { lists: [kthread.stack], left: pass! }
        : { lists: [kthread.taken, kthread.stack], left: processed! };
    this.#runs = [];
    this.#events = [];
  }

  #kthread(name: string): KthreadOutcome {
    const known = this.kthreads.get(name);
    if (known !== undefined) return known;
    const totals = { processed: 0, drops: 0, xdpPass: 0, xdpDrop: 0, xdpRedirect: 0 };
    const kthread = { name, taken: [], stack: [], runs: [], events: [], totals };
    this.kthreads.set(name, kthread);
    return kthread;
  }
}

/** `kthreadDetail` of the format; undefined where no kthread did more than pass frames on. */
export function kthreadDetail(
  symbols: EventSymbols,
  kthreads: Iterable<KthreadOutcome>,
): KthreadDetail | undefined {
  const detail = {
    programs: [] as KthreadDetail['programs'][number][],
    redirects: [] as Row[],
    exceptions: [] as Row[],
    xmit: [] as Row[],
    enqueue: [] as Row[],
  };
  for (const { name: kthread, runs, events } of kthreads) {
    detail.programs.push(...programRows(symbols, kthread, runs));
    for (const { event, record } of events) {
      const seq = record.tag - 1;
      if (event.ev === 'xdp_devmap_xmit') detail.xmit.push({ kthread, ...withoutEv(event) });
      else if (event.ev === 'xdp_cpumap_enqueue')
        detail.enqueue.push({ kthread, ...withoutEv(event) });
      else if (event.ev === 'xdp_exception') detail.exceptions.push({ kthread, seq, ...event });
      else detail.redirects.push({ kthread, seq, prog: programOf(symbols, record), ...event });
    }
  }
  const { programs, redirects, exceptions } = detail;
  const xmit = sumRows(detail.xmit, ['sent', 'drops']);
  const enqueue = sumRows(detail.enqueue, ['processed', 'drops']);
  const isEmpty = [programs, redirects, exceptions, xmit, enqueue].every(
    (list) => list.length === 0,
  );
  return isEmpty ? undefined : { programs, redirects, exceptions, xmit, enqueue };
}

function withoutEv({ ev: _, ...rest }: EventRow): Row {
  return rest;
}

function programRows(
  symbols: EventSymbols,
  kthread: string,
  runs: readonly ProgramRun[],
): KthreadDetail['programs'] {
  return [...groupBy(runs, ({ prog }) => prog)].map(([prog, own]) => ({
    kthread,
    prog,
    runs: own.map(({ frame: seq, act, returns, ingressIfindex, egressIfindex }) => ({
      seq,
      act,
      ...(returns !== null && { return: returns }),
      ingressIfindex: symbols.deviceName(ingressIfindex),
      ...(egressIfindex !== 0 && { egressIfindex: symbols.deviceName(egressIfindex) }),
    })),
  }));
}

/** One row for those that agree in all but `counters`, with the sums of these. */
function sumRows(rows: readonly Row[], counters: readonly string[]): Row[] {
  const alike = groupBy(rows, (row) =>
    JSON.stringify(Object.entries(row).filter(([name]) => !counters.includes(name))),
  );
  const total = (group: readonly Row[], counter: string) =>
    group.reduce((sum, row) => sum + Number(row[counter]), 0);
  return [...alike.values()].map((group) => ({
    ...group[0],
    ...Object.fromEntries(counters.map((counter) => [counter, total(group, counter)])),
  }));
}
