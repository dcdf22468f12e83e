import type { Counters, DeviceCounters } from '../machine/counters.js';
import { fates } from '../trace/fates.js';
import type { RingDepths } from './ringDepths.js';

/** A machine at the moment of a scrape. */
export interface Snapshot {
  readonly counters: Counters;
  readonly rings: RingDepths;
  readonly lostRecords: number;
  readonly lostPrints: number;
  readonly mapName: (id: number) => string;
}

type Labels = Readonly<Record<string, string | number>>;
export type Sample = readonly [Labels, number];

/** Metrics of one name. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly labels: readonly string[];
  readonly samples: (snapshot: Snapshot) => readonly Sample[];
}

function counter(
  name: string,
  help: string,
  labels: readonly string[],
  samples: Family['samples'],
): Family {
  return { name: `xdpemu_${name}_total`, help, type: 'counter', labels, samples };
}

function gauge(
  name: string,
  help: string,
  labels: readonly string[],
  samples: Family['samples'],
): Family {
  return { name: `xdpemu_${name}`, help, type: 'gauge', labels, samples };
}

const machineFamilies = [
  counter(
    'frames_received',
    'Frames that came in, with the copies that broadcasts made.',
    [],
    ({ counters }) => [[{}, counters.frames.received]],
  ),
  counter('frames', 'Frames by what became of them.', ['fate'], ({ counters }) =>
    fates.map(({ name }) => [{ fate: name }, counters.frames.fates[name] ?? 0]),
  ),
  counter('tracepoint_hits', 'How often each tracepoint fired.', ['event'], ({ counters }) =>
    Object.entries(counters.events).map(([event, hits]) => [{ event }, hits]),
  ),
  counter(
    'lost_records',
    'Trace records that found no room in their ring.',
    [],
    ({ lostRecords }) => [[{}, lostRecords]],
  ),
  counter(
    'lost_prints',
    'Lines of bpf_trace_printk that found no room in their ring.',
    [],
    ({ lostPrints }) => [[{}, lostPrints]],
  ),
];

const cpuFamilies = [
  counter(
    'cpu_frames_received',
    'Frames that the receive queues of a CPU took in.',
    ['cpu'],
    ({ counters }) => counters.cpus.map(({ cpu, received }) => [{ cpu }, received]),
  ),
  counter(
    'cpu_frames',
    'Frames by what became of them and by the CPU on which it did.',
    ['cpu', 'fate'],
    ({ counters }) =>
      counters.cpus.flatMap(({ cpu, fates: ends }) =>
        Object.entries(ends).map(([fate, frames]) => [{ cpu, fate }, frames] as const),
      ),
  ),
  counter(
    'cpu_tracepoint_hits',
    'How often each tracepoint fired on a CPU.',
    ['cpu', 'event'],
    ({ counters }) =>
      counters.cpus.flatMap(({ cpu, events }) =>
        Object.entries(events).map(([event, hits]) => [{ cpu, event }, hits] as const),
      ),
  ),
  counter(
    'cpu_kthread_processed',
    'Frames that the cpumap kthreads of a CPU took.',
    ['cpu'],
    ({ counters }) => counters.cpus.map(({ cpu, kthreadProcessed }) => [{ cpu }, kthreadProcessed]),
  ),
];

function deviceCounter(
  name: string,
  help: string,
  countOf: (device: DeviceCounters) => number,
): Family {
  return counter(`device_${name}`, help, ['device'], ({ counters }) =>
    counters.devices.map((device) => [{ device: device.name }, countOf(device)]),
  );
}

const deviceFamilies = [
  deviceCounter('receive_frames', 'Frames that a device received.', ({ rxFrames }) => rxFrames),
  deviceCounter('receive_bytes', 'Bytes that a device received.', ({ rxBytes }) => rxBytes),
  deviceCounter(
    'transmit_frames',
    'Frames that left the machine at the far end of a device.',
    ({ txFrames }) => txFrames,
  ),
  deviceCounter(
    'transmit_bytes',
    'Bytes that left the machine at the far end of a device.',
    ({ txBytes }) => txBytes,
  ),
  counter(
    'device_queue_receive_frames',
    'Frames that a receive queue of a device received.',
    ['device', 'queue'],
    ({ counters }) =>
      counters.devices.flatMap(({ name, rxQueues }) =>
        rxQueues.map((frames, queue) => [{ device: name, queue }, frames] as const),
      ),
  ),
];

type SocketCounters = Counters['sockets'][number];

function socketCounter(
  name: string,
  help: string,
  countOf: (socket: SocketCounters) => number,
): Family {
  return counter(`socket_${name}`, help, ['socket'], ({ counters }) =>
    counters.sockets.map((socket) => [{ socket: socket.name }, countOf(socket)]),
  );
}

const socketFamilies = [
  socketCounter('receive_frames', 'Frames delivered to a socket.', ({ rxFrames }) => rxFrames),
  socketCounter('receive_bytes', 'Bytes delivered to a socket.', ({ rxBytes }) => rxBytes),
  socketCounter('read_frames', 'Frames that the application read.', ({ appFrames }) => appFrames),
  socketCounter('transmit_frames', 'Frames that a socket sent.', ({ txFrames }) => txFrames),
  socketCounter(
    'receive_dropped',
    'XDP_STATISTICS rx_dropped: frames dropped for other reasons than a full RX ring.',
    ({ rxDropped }) => rxDropped,
  ),
  socketCounter(
    'receive_ring_full',
    'XDP_STATISTICS rx_ring_full: frames dropped since the RX ring was full.',
    ({ rxRingFull }) => rxRingFull,
  ),
  socketCounter(
    'fill_ring_empty',
    'XDP_STATISTICS rx_fill_ring_empty_descs: frames for which the FILL ring had no chunk.',
    ({ rxFillRingEmptyDescs }) => rxFillRingEmptyDescs,
  ),
  socketCounter(
    'receive_invalid_descriptors',
    'XDP_STATISTICS rx_invalid_descs: invalid descriptors on the FILL ring.',
    ({ rxInvalidDescs }) => rxInvalidDescs,
  ),
  socketCounter(
    'transmit_invalid_descriptors',
    'XDP_STATISTICS tx_invalid_descs: invalid descriptors on the TX ring.',
    ({ txInvalidDescs }) => txInvalidDescs,
  ),
];

const ringFamilies = [
  gauge(
    'receive_queue_frames',
    'Frames that wait on a receive queue.',
    ['device', 'queue'],
    ({ rings }) => rings.rxQueues.map(({ device, queue, used }) => [{ device, queue }, used]),
  ),
  gauge(
    'receive_queue_slots',
    'Frames that a receive queue has room for.',
    ['device', 'queue'],
    ({ rings }) => rings.rxQueues.map(({ device, queue, size }) => [{ device, queue }, size]),
  ),
  gauge(
    'transmit_queue_frames',
    'Frames that wait at the far end of a device.',
    ['device', 'queue'],
    ({ rings }) => rings.wires.map(({ device, queue, used }) => [{ device, queue }, used]),
  ),
  gauge(
    'transmit_queue_slots',
    'Frames that the far end of a device has room for.',
    ['device', 'queue'],
    ({ rings }) => rings.wires.map(({ device, queue, size }) => [{ device, queue }, size]),
  ),
  gauge(
    'cpumap_queue_frames',
    'Frames that wait for the kthread of a cpumap entry.',
    ['map', 'cpu'],
    ({ rings, mapName }) =>
      rings.cpumaps.map(({ mapId, cpu, used }) => [{ map: mapName(mapId), cpu }, used]),
  ),
  gauge(
    'cpumap_queue_slots',
    'Frames that a cpumap entry has room for: its qsize.',
    ['map', 'cpu'],
    ({ rings, mapName }) =>
      rings.cpumaps.map(({ mapId, cpu, size }) => [{ map: mapName(mapId), cpu }, size]),
  ),
  gauge(
    'socket_receive_ring_frames',
    'Frames that wait on the RX ring of a socket.',
    ['socket'],
    ({ rings }) => rings.sockets.map(({ name, rx }) => [{ socket: name }, rx]),
  ),
  gauge(
    'socket_fill_ring_chunks',
    'Chunks on the FILL ring of a socket.',
    ['socket'],
    ({ rings }) => rings.sockets.map(({ name, fill }) => [{ socket: name }, fill]),
  ),
];

/** All metrics, in the order of their output. */
export const families: readonly Family[] = [
  ...machineFamilies,
  ...cpuFamilies,
  ...deviceFamilies,
  ...socketFamilies,
  ...ringFamilies,
];
