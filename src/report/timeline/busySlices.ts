import { microseconds, type TraceFileEvent } from './traceFile.js';
import type { Track } from './tracks.js';

/** Events of one track that are no further apart are of one piece of work: nothing tells where a poll begins and ends. */
const GAP_NS = 20_000;
/** A slice has to be longer than those in it, also for a reader that cuts off what is below a nanosecond. */
const MARGIN_NS = 5;

interface Busy {
  startNs: number;
  endNs: number;
  events: number;
}

/** When each context was at work: slices that hold those of its programs, and to which arrows can lead. */
export class BusySlices {
  readonly #write: (event: TraceFileEvent) => void;
  readonly #busy = new Map<Track, Busy>();

  constructor(write: (event: TraceFileEvent) => void) {
    this.#write = write;
  }

  /** Something happened on `track`; events of a track come in the order of their ends. */
  add(track: Track, startNs: number, endNs: number): void {
    const busy = this.#busy.get(track);
    if (busy !== undefined && startNs - busy.endNs <= GAP_NS) {
      // What began before the others ended holds them.
      busy.startNs = Math.min(busy.startNs, startNs);
      busy.endNs = Math.max(busy.endNs, endNs);
      busy.events++;
      return;
    }
    if (busy !== undefined) this.#end(track, busy);
    this.#busy.set(track, { startNs, endNs, events: 1 });
  }

  #end({ pid, tid, work }: Track, { startNs, endNs, events }: Busy): void {
    this.#write({
      ph: 'X',
      name: work,
      pid,
      tid,
      ts: microseconds(startNs - MARGIN_NS),
      dur: microseconds(endNs - startNs + 2 * MARGIN_NS),
      args: { events },
    });
  }

  close(): void {
    for (const [track, busy] of this.#busy) this.#end(track, busy);
    this.#busy.clear();
  }
}
