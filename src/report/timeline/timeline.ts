import type {
  CloneEvent,
  EnqueueEvent,
  ProgramRunEvent,
  ReceiveEvent,
} from '../../machine/ledgerEvents.js';
import type { FateEvent, TraceEvent } from '../../machine/recordEvents.js';
import type { RecordListener } from '../../machine/recorder.js';
import { errnoName } from '../../maps/errno.js';
import type { RingDepths } from '../../metrics/ringDepths.js';
import { XDP } from '../../program/define.js';
import { actionName } from '../../trace/tracepointFormat.js';
import type { ObjectNames } from '../series/objectNames.js';
import { type RingInfo, RingLevels, type RingListener } from '../series/ringLevels.js';
import { fateTarget } from '../series/targets.js';
import { BusySlices } from './busySlices.js';
import { microseconds, type TraceFileEvent } from './traceFile.js';
import { MACHINE_TRACK, type Track, Tracks } from './tracks.js';

const FRAME = { cat: 'frame', name: 'frame' } as const;
const REDIRECT = { cat: 'redirect', name: 'redirect' } as const;

/**
 * A run as a Chrome trace, event by event: what each context did, each frame from its reception to its fate, an arrow from
 * each redirect over the next ones to the fate, counters of the rings. It remembers the frames under way alone.
 */
export class Timeline {
  readonly #write: (event: TraceFileEvent) => void;
  readonly #names: ObjectNames;
  readonly #tracks: Tracks;
  readonly #busy: BusySlices;
  readonly #levels: RingLevels;
  /** Frames under way: whether an arrow has begun. */
  readonly #frames = new Map<number, boolean>();
  /** Those that an application wants to send, until the device's ring has taken them. */
  readonly #sent = new Set<number>();
  readonly #depths = new Map<string, number>();

  constructor(
    write: (event: TraceFileEvent) => void,
    names: ObjectNames,
    qsizeOf: (map: string, cpu: number) => number | null,
  ) {
    this.#write = write;
    this.#names = names;
    this.#tracks = new Tracks(write);
    this.#busy = new BusySlices(write);
    const depths: RingListener = {
      add: (ring, timeNs, depth) => this.#count(ring, timeNs, depth),
      addSample: (ring, timeNs, depth) => {
        // Most looks find what the one before has found.
        if (this.#depths.get(ring.label) !== depth) this.#count(ring, timeNs, depth);
      },
    };
    this.#levels = new RingLevels(depths, names, qsizeOf);
  }

  /** For `machine.record`. */
  readonly listener: RecordListener = {
    onReceive: (event) => this.#receive(event),
    onProgram: (event) => this.#program(event),
    onClone: (event) => this.#copy(event),
    onEnqueue: (event) => this.#enqueue(event),
    onTracepoint: (event) => this.#tracepoint(event),
    tracepoints: [
      'xdp_redirect_err',
      'xdp_redirect_map_err',
      'xdp_exception',
      'xdp_cpumap_enqueue',
      'xdp_cpumap_kthread',
      'xdp_devmap_xmit',
      'xdp_bulk_tx',
    ],
    onFate: (event) => this.#end(event),
  };

  #receive({ tag, cpu, task, timeNs, from, ifindex, queue, length }: ReceiveEvent): void {
    this.#busy.add(this.#tracks.of(cpu, task, 'application'), timeNs, timeNs);
    // The peer of a veth receives it once more.
    if (this.#frames.has(tag)) return;
    if (from === 'socket') this.#sent.add(tag);
    this.#begin(tag, timeNs, { device: this.#names.device(ifindex), queue, length, from });
  }

  #enqueue(event: EnqueueEvent): void {
    const { tag, timeNs, isTaken } = event;
    this.#levels.met(event);
    if (!this.#sent.delete(tag) || isTaken) return;
    // It is no frame of the machine yet: the application tries again, with another.
    this.#frames.delete(tag);
    this.#endFrame(tag, timeNs, { fate: 'not sent' });
  }

  #begin(tag: number, timeNs: number, args: Readonly<Record<string, unknown>>): void {
    this.#frames.set(tag, false);
    const ts = microseconds(timeNs);
    this.#write({
      ph: 'b',
      ...FRAME,
      ...MACHINE_TRACK,
      id: tag,
      ts,
      args: { frame: tag, ...args },
    });
  }

  #program(event: ProgramRunEvent): void {
    const { tag, cpu, task, timeNs, startNs, programId, hook, action } = event;
    const track = this.#tracks.of(cpu, task, 'control');
    this.#busy.add(track, startNs, timeNs);
    const ts = microseconds(startNs);
    const { pid, tid } = track;
    const name = this.#names.program(programId);
    const args = { frame: tag, hook, action: actionName(action) };
    // Of the rounded times: a slice must not reach into the next.
    const dur = (Math.round(timeNs) - Math.round(startNs)) / 1000;
    this.#write({ ph: 'X', name, pid, tid, ts, dur, args });
    if (action === XDP.REDIRECT) this.#arrow(tag, track, startNs);
  }

  /** An arrow begins, or goes on from where it has led. */
  #arrow(tag: number, { pid, tid }: Track, timeNs: number): void {
    const hasBegun = this.#frames.get(tag);
    if (hasBegun === undefined) return;
    const ts = microseconds(timeNs);
    this.#write({ ph: hasBegun ? 't' : 's', ...REDIRECT, pid, tid, id: tag, ts });
    this.#frames.set(tag, true);
  }

  #copy({ tag, parent, cpu, task, timeNs }: CloneEvent): void {
    const track = this.#tracks.of(cpu, task, 'control');
    this.#busy.add(track, timeNs, timeNs);
    this.#begin(tag, timeNs, { copyOf: parent });
    this.#arrow(tag, track, timeNs);
  }

  #tracepoint(event: TraceEvent): void {
    const { name, cpu, task, timeNs, fields, tag } = event;
    const track = this.#tracks.of(cpu, task, 'application');
    this.#busy.add(track, timeNs, timeNs);
    if (name === 'xdp_cpumap_enqueue') this.#levels.enqueued(event);
    else if (name === 'xdp_cpumap_kthread') this.#levels.taken(event);
    else if (name === 'xdp_exception') this.#instant(track, timeNs, name, { frame: tag });
    else if (fields['err'] !== 0) {
      const err = errnoName(fields['err']!);
      this.#instant(track, timeNs, `${name} ${err}`, tag === 0 ? {} : { frame: tag });
    }
  }

  #instant({ pid, tid }: Track, timeNs: number, name: string, args: TraceFileEvent['args']): void {
    this.#write({ ph: 'i', name, pid, tid, ts: microseconds(timeNs), s: 't', args: args ?? {} });
  }

  #end(event: FateEvent): void {
    const { tag, fate, cpu, task, timeNs } = event;
    const isSent = fate.name === 'transmitted';
    const track = this.#tracks.of(cpu, task, isSent ? 'wire' : 'control');
    const target = fateTarget(event, this.#names);
    this.#busy.add(track, timeNs, timeNs);
    if (!fate.delivered) this.#instant(track, timeNs, fate.name, { frame: tag, target });
    const hasArrow = this.#frames.get(tag);
    if (hasArrow === undefined) return;
    this.#frames.delete(tag);
    const ts = microseconds(timeNs);
    const args = { fate: fate.name, target };
    this.#endFrame(tag, timeNs, args);
    const { pid, tid } = track;
    if (hasArrow) this.#write({ ph: 'f', ...REDIRECT, pid, tid, id: tag, ts, bp: 'e', args });
  }

  #endFrame(tag: number, timeNs: number, args: TraceFileEvent['args']): void {
    const ts = microseconds(timeNs);
    this.#write({ ph: 'e', ...FRAME, ...MACHINE_TRACK, id: tag, ts, args: args ?? {} });
  }

  #count({ label }: RingInfo, timeNs: number, depth: number): void {
    this.#depths.set(label, depth);
    const ts = microseconds(timeNs);
    this.#write({ ph: 'C', name: label, ...MACHINE_TRACK, ts, args: { entries: depth } });
  }

  sample(timeNs: number, rings: RingDepths): void {
    this.#levels.sampled(timeNs, rings);
  }

  close(): void {
    this.#busy.close();
  }
}
