import {
  BpfCpuMapEntry,
  FrameQueue,
  PtrRing,
  RecordKind,
  Tracepoint,
} from '../arena/layout.generated.js';
import type { RawRecord } from '../trace/records.js';
import { type EventSymbols, eventOf } from './events.js';
import type { RedirectWorld } from './redirectWorld.js';
import type { TraceCollector } from './traceCollector.js';

/** What one batch offered to one ring, and the room that there was when it began. */
export interface RingLoad {
  /** A device, or `map:cpu`. */
  readonly name: string;
  readonly room: number;
  offered: number;
  /** A kthread offered some of it. */
  byKthread: boolean;
}

/** Watches the rings of a machine from batch to batch. */
export class RingLoads {
  readonly #batches: { readonly room: ReadonlyMap<string, number>; readonly records: number[] }[] =
    [];

  /** Before each batch, and after the last. */
  look(world: RedirectWorld, traces: TraceCollector): void {
    const room = new Map<string, number>();
    for (const { name, ring } of rings(world)) room.set(name, clearSlots(world, ring));
    const records = world.system.kernel.contexts.map(({ id }) => traces.of(id).length);
    this.#batches.push({ room, records });
  }

  /** For each batch, the rings that it offered frames to. */
  of(world: RedirectWorld, traces: TraceCollector): RingLoad[] {
    const kthreads = new Set(world.kthreadContexts.map(({ id }) => id));
    return this.#batches.slice(1).flatMap(({ records: ends }, batch) => {
      const { room, records: starts } = this.#batches[batch]!;
      const loads = new Map<string, RingLoad>();
      for (const { id } of world.system.kernel.contexts) {
        for (const record of traces.of(id).slice(starts[id], ends[id])) {
          const offer = offerOf(world, record);
          if (offer === undefined) continue;
          const { name, frames } = offer;
          const load = loads.get(name) ?? {
            name,
            room: room.get(name) ?? 0,
            offered: 0,
            byKthread: false,
          };
          load.offered += frames;
          load.byKthread ||= kthreads.has(id);
          loads.set(name, load);
        }
      }
      return [...loads.values()];
    });
  }
}

function* rings(world: RedirectWorld) {
  const { system } = world;
  const { arena } = system;
  for (const { name, wires } of system.devices) {
    for (const wire of wires) yield { name, ring: arena.get(wire, FrameQueue.ring) };
  }
  for (const entry of system.kthreads) {
    const map = world.mapName(arena.get(entry, BpfCpuMapEntry.mapId));
    const name = `${map}:${arena.get(entry, BpfCpuMapEntry.cpu)}`;
    yield { name, ring: arena.get(entry, BpfCpuMapEntry.queue) };
  }
}

function clearSlots({ system: { arena } }: RedirectWorld, ring: number): number {
  const queue = arena.get(ring, PtrRing.queue);
  let clear = 0;
  for (let slot = 0; slot < arena.get(ring, PtrRing.size); slot++) {
    if (arena.loadSharedAt(queue + 4 * slot) === 0) clear++;
  }
  return clear;
}

/** The ring that a bulk queue was emptied into, and how many frames it held; a driver that failed took none. */
function offerOf(
  symbols: EventSymbols,
  record: RawRecord,
): { readonly name: string; readonly frames: number } | undefined {
  if (record.kind !== RecordKind.TRACEPOINT) return undefined;
  const event = eventOf(symbols, record);
  switch (record.type) {
    case Tracepoint.XDP_CPUMAP_ENQUEUE:
      return {
        name: `${event['mapId']}:${event['toCpu']}`,
        frames: Number(event['processed']),
      };
    case Tracepoint.XDP_DEVMAP_XMIT:
    case Tracepoint.XDP_BULK_TX:
      return {
        name: String(event['toIfindex'] ?? event['ifindex']),
        frames: event['err'] === 0 ? Number(event['sent']) + Number(event['drops']) : 0,
      };
    default:
      return undefined;
  }
}
