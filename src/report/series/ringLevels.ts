import type { EnqueueEvent } from '../../machine/ledgerEvents.js';
import type { TraceEvent } from '../../machine/recordEvents.js';
import type { RingDepths } from '../../metrics/ringDepths.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { ObjectNames } from './objectNames.js';
import { cpuLabel, socketLabel } from './targets.js';

/** A ring that something is heard of. */
export interface RingInfo {
  readonly label: string;
  /** The device, CPU or socket whose it is. */
  readonly target: string;
  /** Slots, null where not known. */
  readonly size: number | null;
}

/** Takes how full rings were. */
export interface RingListener {
  /** An event tells of a ring. */
  add(ring: RingInfo, timeNs: number, depth: number): void;
  /** Somebody looked at a ring. */
  addSample(ring: RingInfo, timeNs: number, depth: number): void;
}

/**
 * What is on the queues of cpumap entries, by the events of both their ends, and on the other rings, which have to be
 * looked at.
 */
export class RingLevels {
  readonly #depths: RingListener;
  readonly #names: ObjectNames;
  /** Frames on the queues of a map's entry for a CPU, the entry and those that it replaced together. */
  readonly #queued = new Map<string, number>();
  /** Slots of the entry as the scenario has it. */
  readonly #qsizeOf: (map: string, cpu: number) => number | null;

  constructor(
    depths: RingListener,
    names: ObjectNames,
    qsizeOf: (map: string, cpu: number) => number | null,
  ) {
    this.#depths = depths;
    this.#names = names;
    this.#qsizeOf = qsizeOf;
  }

  /** `xdp_cpumap_enqueue`: of `processed` frames all but `drops` are on the queue. */
  enqueued({ fields, timeNs }: TraceEvent): void {
    const frames = fields['processed']! - fields['drops']!;
    this.#move(fields['map_id']!, fields['to_cpu']!, timeNs, frames);
  }

  /** `xdp_cpumap_kthread`. */
  taken({ fields, timeNs }: TraceEvent): void {
    this.#move(fields['map_id']!, fields['cpu']!, timeNs, -fields['processed']!);
  }

  #move(mapId: number, cpu: number, timeNs: number, frames: number): void {
    const map = this.#names.map(mapId);
    const label = `${map}[${cpu}] queue`;
    const depth = (this.#queued.get(label) ?? 0) + frames;
    this.#queued.set(label, depth);
    // A kthread may tell of frames that it took before the one that put them there does.
    const ring = { label, target: cpuLabel(cpu), size: this.#qsizeOf(map, cpu) };
    this.#depths.add(ring, timeNs, Math.max(0, depth));
  }

  /** Frames met the ring of a device or of a socket. */
  met({ where, target, queue, depth, bulk, dropped, size, timeNs }: EnqueueEvent): void {
    if (where !== 'device' && where !== 'socket') return;
    const ring =
      where === 'device'
        ? deviceRing(this.#names.device(target), queue, size)
        : socketRing(this.#names.socket(target), 'RX', size);
    this.#depths.add(ring, timeNs, depth + bulk - dropped);
  }

  /** What the rings were found to hold, of those that no event tells both ends of. */
  sampled(timeNs: number, { wires, rxQueues, sockets }: RingDepths): void {
    for (const { device, queue, used, size } of wires)
      this.#depths.addSample(deviceRing(device, queue, size), timeNs, used);
    for (const { device, queue, used, size } of rxQueues) {
      // What a NIC receives comes from its source without a ring.
      const sender = this.#names.peer(device);
      if (sender !== undefined)
        this.#depths.addSample(deviceRing(sender, queue, size), timeNs, used);
    }
    for (const { name, rx, rxSize, fill, fillSize } of sockets) {
      this.#depths.addSample(socketRing(name, 'RX', rxSize), timeNs, rx);
      this.#depths.addSample(socketRing(name, 'FILL', fillSize), timeNs, fill);
    }
  }
}

/** What a device transmits waits there, for its far end or for a veth's peer. */
function deviceRing(target: string, queue: number, size: number): RingInfo {
  return { label: queue === 0 ? `${target} ring` : `${target} ring ${queue}`, target, size };
}

function socketRing(name: string, ring: 'RX' | 'FILL', size: number): RingInfo {
  const target = socketLabel(name);
  return { label: `${target} ${ring} ring`, target, size };
}

/** Slots of the queue of a cpumap's entry for a CPU as the scenario has it, null where it has none. */
export function qsizesOf({ maps }: Scenario): (map: string, cpu: number) => number | null {
  const sizes = new Map(
    Object.entries(maps).flatMap(([name, map]) => {
      if (map.type !== 'cpumap') return [];
      return [[name, new Map(map.entries.map(({ key, qsize }) => [key, qsize]))] as const];
    }),
  );
  return (map, cpu) => sizes.get(map)?.get(cpu) ?? null;
}
