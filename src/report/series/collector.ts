import type { FateEvent, TraceEvent } from '../../machine/recordEvents.js';
import type { RecordListener } from '../../machine/recorder.js';
import { errnoName } from '../../maps/errno.js';
import type { RingDepths } from '../../metrics/ringDepths.js';
import { BulkFill } from './bulkFill.js';
import { CountSeries } from './countSeries.js';
import { DepthSeries } from './depthSeries.js';
import { SERIES_VERSION, type SeriesDocument } from './document.js';
import { FateTable } from './fateTable.js';
import { FlowTable } from './flowTable.js';
import type { ObjectNames } from './objectNames.js';
import { RedirectPairs } from './redirectPairs.js';
import { RingLevels } from './ringLevels.js';
import { cpuLabel, fateTarget, redirectSource, redirectTarget } from './targets.js';
import { TimeBins } from './timeBins.js';
import { FramesUnderWay, flowText } from './underWay.js';

/** A kthread's batch too. */
const CPU_MAP_BULK_SIZE = 8;
/** XDP_TX's bulk too. */
const DEV_MAP_BULK_SIZE = 16;

/** Gathers the series of a run from its events. Memory does not grow with the run. */
export class SeriesCollector {
  readonly #names: ObjectNames;
  readonly #bins = new TimeBins();
  readonly #received = new CountSeries(this.#bins);
  readonly #redirected = new CountSeries(this.#bins);
  readonly #delivered = new CountSeries(this.#bins);
  readonly #lost = new CountSeries(this.#bins);
  readonly #errors = new CountSeries(this.#bins);
  readonly #depths = new DepthSeries(this.#bins);
  readonly #bulks = new BulkFill(this.#bins);
  readonly #pairs = new RedirectPairs();
  readonly #fates = new FateTable();
  readonly #underWay = new FramesUnderWay();
  readonly #flows: FlowTable;
  /** By CPU, the receive queue of the frame that a program saw last: it is the one whose redirect is told of. */
  readonly #polled = new Map<number, number>();
  readonly #levels: RingLevels;

  constructor(
    names: ObjectNames,
    nrCpus: number,
    qsizeOf: (map: string, cpu: number) => number | null,
  ) {
    this.#names = names;
    this.#flows = new FlowTable(nrCpus);
    this.#levels = new RingLevels(this.#depths, names, qsizeOf);
  }

  /** For `machine.record`. */
  readonly listener: RecordListener = {
    onTracepoint: (event) => this.#take(event),
    onReceive: (event) => {
      this.#received.add(cpuLabel(event.cpu), event.timeNs, 1);
      this.#underWay.received(event);
    },
    onProgram: ({ hook, cpu, queue }) => {
      if (hook === 'xdp') this.#polled.set(cpu, queue);
    },
    onClone: (event) => this.#underWay.copied(event),
    onEnqueue: (event) => {
      this.#underWay.enqueued(event);
      this.#levels.met(event);
    },
    onFate: (event) => this.#end(event),
  };

  #take(event: TraceEvent): void {
    const { name, fields, timeNs } = event;
    switch (name) {
      case 'xdp_redirect':
      case 'xdp_redirect_map':
      case 'xdp_redirect_err':
      case 'xdp_redirect_map_err':
        this.#redirect(event);
        break;
      case 'xdp_exception':
        this.#errors.add('xdp_exception', timeNs, 1);
        break;
      case 'xdp_cpumap_enqueue': {
        const { to_cpu: cpu, processed } = fields;
        this.#bulk('enqueue to', cpuLabel(cpu!), CPU_MAP_BULK_SIZE, timeNs, processed!);
        this.#levels.enqueued(event);
        break;
      }
      case 'xdp_cpumap_kthread': {
        const { cpu, processed } = fields;
        this.#bulk('kthread of', cpuLabel(cpu!), CPU_MAP_BULK_SIZE, timeNs, processed!);
        this.#levels.taken(event);
        break;
      }
      case 'xdp_devmap_xmit':
        this.#xmit('ndo_xdp_xmit of', fields['to_ifindex']!, event);
        break;
      case 'xdp_bulk_tx':
        this.#xmit('XDP_TX of', fields['ifindex']!, event);
        break;
    }
  }

  #bulk(what: string, target: string, capacity: number, timeNs: number, frames: number): void {
    this.#bulks.add({ label: `${what} ${target}`, target, capacity }, timeNs, frames);
  }

  #redirect(event: TraceEvent): void {
    const { fields, timeNs, name } = event;
    const { target, entry } = redirectTarget(event, this.#names);
    const err = fields['err']!;
    const source = redirectSource(event, this.#polled.get(event.cpu), this.#names);
    this.#pairs.add(source, entry, err !== 0);
    if (err === 0) this.#redirected.add(target, timeNs, 1);
    else this.#errors.add(`${errnoName(err)} (${name})`, timeNs, 1);
  }

  #xmit(call: string, ifindex: number, { fields, timeNs, name }: TraceEvent): void {
    const { sent, drops, err } = fields;
    this.#bulk(call, this.#names.device(ifindex), DEV_MAP_BULK_SIZE, timeNs, sent! + drops!);
    if (err! < 0) this.#errors.add(`${errnoName(err!)} (${name})`, timeNs, drops!);
  }

  #end(event: FateEvent): void {
    const { fate, timeNs, length } = event;
    const target = fateTarget(event, this.#names);
    this.#fates.add(fate.name, target, timeNs, length);
    const frame = this.#underWay.ended(event);
    const flow = frame && flowText(frame);
    if (flow !== undefined) this.#flows.add(flow, event.cpu < 0 ? frame!.cpu : event.cpu);
    if (fate.delivered) this.#delivered.add(target, timeNs, 1);
    else this.#lost.add(fate.name, timeNs, 1);
  }

  /** The rings as they were at `timeNs`; of no interest before the first event. */
  sample(timeNs: number, rings: RingDepths): void {
    if (this.#bins.used > 0) this.#levels.sampled(timeNs, rings);
  }

  document(): SeriesDocument {
    return {
      version: SERIES_VERSION,
      startNs: this.#bins.startNs,
      binNs: this.#bins.binNs,
      bins: this.#bins.used,
      received: this.#received.series(),
      redirected: this.#redirected.series(),
      delivered: this.#delivered.series(),
      lost: this.#lost.series(),
      errors: this.#errors.series(),
      rings: this.#depths.series(),
      ringsLeft: this.#depths.left,
      bulks: this.#bulks.series(),
      matrix: this.#pairs.matrix(),
      fates: this.#fates.rows(),
      flows: this.#flows.spread(),
    };
  }
}
