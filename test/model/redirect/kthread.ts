import type { EventFields, KthreadTotals } from '../redirectTrace.js';
import { XDP_PASS, XDP_REDIRECT } from './action.js';
import { type Context, type Frame, newContext } from './context.js';
import { Inbox } from './inbox.js';
import type { Machine } from './machine.js';
import type { CpuMapEntry } from './maps.js';
import { runEntryProgram } from './program.js';
import { xdpDoFlush, xdpDoRedirect } from './redirect.js';
import { noRedirect } from './redirectInfo.js';

const CPUMAP_BATCH = 8;

export interface TracedEvent {
  readonly event: EventFields;
  /** The frame that it was about, where it was about one. */
  readonly seq?: number;
}

/** `cpu_map_kthread_run` of one cpumap entry. */
export class Kthread {
  /** `"map:cpu"` */
  readonly name: string;
  readonly entry: CpuMapEntry;
  /** What it passed to the network stack. */
  readonly stack = new Inbox();
  readonly events: TracedEvent[] = [];
  private readonly context: Context;
  private pass = 0;
  private drop = 0;
  private redirect = 0;

  constructor(machine: Machine, ingressDevice: string, entry: CpuMapEntry) {
    this.name = `${entry.mapId}:${entry.cpu}`;
    this.entry = entry;
    this.context = newContext({
      machine,
      ingressDevice,
      rxQueue: 0,
      trace: (event, seq) => this.events.push(seq === undefined ? { event } : { event, seq }),
      isOrdered: () => entry.delivered.isOrdered(),
    });
    this.stack.addFeeder(this.context);
  }

  /** One turn of the loop; false if there was nothing to do. */
  poll(): boolean {
    this.context.redirect = noRedirect();
    let taken = 0;
    for (; taken < CPUMAP_BATCH; taken++) {
      const frame = this.entry.ring.consume();
      if (!frame) break;
      this.entry.delivered.frames.push(frame.seq);
      this.handle(frame);
    }
    xdpDoFlush(this.context);
    return taken > 0;
  }

  /** `cpu_map_bpf_prog_run_xdp`: all but PASS and a successful REDIRECT is a drop, and raises no exception. */
  private handle(frame: Frame): void {
    const { program } = this.entry;
    if (!program) {
      this.stack.frames.push(frame.seq);
      return;
    }
    const act = runEntryProgram(this.context, program, frame.seq, 0);
    if (act === XDP_PASS) {
      this.pass++;
      this.stack.frames.push(frame.seq);
    } else if (act === XDP_REDIRECT && xdpDoRedirect(this.context, frame) === 0) {
      this.redirect++;
    } else {
      this.drop++;
    }
  }

  /** Sums of `xdp_cpumap_kthread`. Its `drops` counts failed memory allocations, and there are none. */
  totals(): KthreadTotals {
    return {
      kthread: this.name,
      processed: this.entry.delivered.frames.length,
      drops: 0,
      xdpPass: this.pass,
      xdpDrop: this.drop,
      xdpRedirect: this.redirect,
    };
  }
}
