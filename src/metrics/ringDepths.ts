import {
  BpfCpuMapEntry,
  FrameQueue,
  PtrRing,
  PtrRingConsumer,
  PtrRingProducer,
} from '../arena/layout.generated.js';
import type { System } from '../machine/system.js';

/** How full a ring is, at about this moment: it is read while others write. */
interface Depth {
  readonly used: number;
  readonly size: number;
}

export interface RingDepths {
  /** Receive queues of devices. */
  readonly rxQueues: readonly (Depth & { readonly device: string; readonly queue: number })[];
  /** Where devices' frames leave the machine. */
  readonly wires: readonly (Depth & { readonly device: string; readonly queue: number })[];
  readonly cpumaps: readonly (Depth & { readonly mapId: number; readonly cpu: number })[];
  readonly sockets: readonly {
    readonly name: string;
    readonly rx: number;
    readonly rxSize: number;
    readonly fill: number;
    readonly fillSize: number;
  }[];
}

export function ringDepths(system: System): RingDepths {
  const { arena } = system;
  const devices = [...system.devices];
  const queueDepth = (device: string, queue: number, index: number) => {
    return { device, queue: index, ...depthOf(system, arena.get(queue, FrameQueue.ring)) };
  };
  return {
    rxQueues: devices.flatMap(({ name, rxQueues }) => {
      return rxQueues.map((queue, index) => queueDepth(name, queue, index));
    }),
    wires: devices.flatMap(({ name, wires }) => {
      return wires.map((queue, index) => queueDepth(name, queue, index));
    }),
    cpumaps: [...system.kthreads].map((entry) => ({
      mapId: arena.get(entry, BpfCpuMapEntry.mapId),
      cpu: arena.get(entry, BpfCpuMapEntry.cpu),
      ...depthOf(system, arena.get(entry, BpfCpuMapEntry.queue)),
    })),
    sockets: [...system.sockets].map(({ name, rxAvailable, rxSize, fillIndices, fillSize }) => {
      const fill = (fillIndices.producer - fillIndices.consumer) >>> 0;
      return { name, rx: rxAvailable, rxSize, fill, fillSize };
    }),
  };
}

/** Of a `ptr_ring`, whose two ends meet both when it is empty and when it is full. */
function depthOf({ arena, dp }: System, ring: number): Depth {
  const size = arena.get(ring, PtrRing.size);
  const consumer = arena.get(ring + PtrRing.consumer, PtrRingConsumer.head);
  const producer = arena.get(ring + PtrRing.producer, PtrRingProducer.head);
  const apart = (producer - consumer + size) % size;
  return { used: apart === 0 && dp.ptrRingEmpty(ring) === 0 ? size : apart, size };
}
