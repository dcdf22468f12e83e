import type { Arena } from '../arena/arena.js';
import { Context, Packet, RxQueue, Source } from '../arena/layout.generated.js';
import { requireEthernet } from '../capture/capture.js';
import { readCaptureFile } from '../capture/readCapture.js';
import { Flows } from '../packet/flows.js';
import { Rss } from '../packet/rss.js';
import { bytesOfHex } from '../scenario/hex.js';
import type { FlowTraffic, RssSpec, TrafficSpec } from '../scenario/scenario.js';
import type { NetDevice } from './devices.js';
import type { System } from './system.js';

/** Packets start on cache lines of their own, and short ones are stored whole. */
const PAD_BYTES = 64;
/** Where a stamped packet has its flow's number (`device/stamp.ts`). */
const STAMP_FLOW_OFFSET = 46;
/** Checksum of UDP over IPv4: zero says that there is none, since stamps change the payload. */
const UDP_CHECKSUM_OFFSET = 40;
const ENDLESS = Number.POSITIVE_INFINITY;
const ETH_HLEN = 14;

/** One packet of a source before it is in the arena. */
interface TrafficPacket {
  /** Its own bytes; zeros follow up to `length`. */
  readonly head: Uint8Array;
  readonly length: number;
  readonly hash: number;
  readonly queue: number;
}

/** Traffic that can be let loose on a device. */
export interface TrafficSource {
  readonly device: NetDevice;
  /** Frames that a bounded run will receive. */
  readonly frames: number;
  /** Sources in the arena, by receive queue; 0 where a queue gets nothing. */
  readonly sources: readonly number[];
  /** What it has of the arena: the machine's again by `freeTraffic`. */
  readonly memory: readonly number[];
}

/** A packet that is no Ethernet frame. */
export class TrafficError extends Error {
  override readonly name = 'TrafficError';
}

/** RSS of a device as the scenario has it. */
export function rssOf({ key, indirection }: RssSpec): Rss {
  return new Rss({ key: bytesOfHex(key), indirection });
}

export interface TrafficOptions {
  readonly seed: number;
  /** Bounds it: the packets are gone through in order, again and again if need be. As the spec says by default. */
  readonly frames?: number | undefined;
  /** Where the numbers of its stamped flows start: other traffic has those below. */
  readonly firstFlow?: number;
  /** The last stamp that an earlier run gave to a flow. */
  readonly lastStamp?: number;
}

/** Flows that a target has to tell apart, to check the order of each: every length of a flow is numbered by itself. */
export function stampedFlowsOf(spec: TrafficSpec): number {
  return 'capture' in spec || !spec.stamps
    ? 0
    : leastCommonMultiple(spec.flows, spec.length.length);
}

/** Puts the packets of `spec` into the arena, spread over the receive queues by RSS. */
export function createTraffic(
  system: System,
  device: NetDevice,
  spec: TrafficSpec,
  rss: Rss,
  { seed, frames, firstFlow = 0, lastStamp = 0 }: TrafficOptions,
): TrafficSource {
  const packets =
    'capture' in spec ? capturePackets(spec.capture, rss) : flowPackets(spec, rss, seed, firstFlow);
  const own = 'capture' in spec ? packets.length * spec.loop : (spec.frames ?? ENDLESS);
  const total = frames ?? own;
  const memory: number[] = [];
  const allocate = (bytes: number) => {
    const address = system.arena.allocate(bytes);
    memory.push(address);
    return address;
  };
  const longest = packets.reduce((max, { length }) => Math.max(max, length), 0);
  const zeros = allocate(longest + PAD_BYTES);
  const isStamped = stampedFlowsOf(spec) > 0;
  const sources = device.rxQueues.map((_, queue) => {
    const source = createSource(system.arena, allocate, packets, queue, total, zeros);
    if (source !== 0 && isStamped) addSequences(system.arena, allocate, source, lastStamp);
    return source;
  });
  return { device, frames: total, sources, memory };
}

function capturePackets(path: string, rss: Rss): TrafficPacket[] {
  const capture = readCaptureFile(path);
  requireEthernet(capture);
  if (capture.packets.length === 0) throw new TrafficError(`${path}: expected packets, found none`);
  return capture.packets.map(({ data }, index) => {
    if (data.length < ETH_HLEN) {
      throw new TrafficError(
        `${path}: packet ${index + 1}: expected at least ${ETH_HLEN} captured bytes (an Ethernet header), found ${data.length}`,
      );
    }
    const hash = rss.hashOf(data);
    return { head: data, length: data.length, hash, queue: rss.queueOfHash(hash) };
  });
}

function flowPackets(
  spec: FlowTraffic,
  rss: Rss,
  seed: number,
  firstFlow: number,
): TrafficPacket[] {
  const { flows: count, length: lengths, protocol, ipVersion: version, stamps } = spec;
  const byLength = lengths.map(
    (frameLength) => new Flows({ seed, count, protocol, version, frameLength }),
  );
  // Every flow comes with every length in turn.
  const total = leastCommonMultiple(count, lengths.length);
  return Array.from({ length: total }, (_, index) => {
    const flows = byLength[index % byLength.length]!;
    const flow = index % count;
    const length = flows.frameLength;
    // A whole unit: short frames are then copied in one go, without zeros to fill up with.
    const head = new Uint8Array(Math.max(flows.headLengthMax, PAD_BYTES));
    const headLength = flows.writeHead(flow, head);
    const hash = rss.hashOf(head.subarray(0, headLength));
    if (stamps) stamp(head, firstFlow + index);
    return { head: head.subarray(0, length), length, hash, queue: rss.queueOfHash(hash) };
  });
}

function stamp(head: Uint8Array, flow: number): void {
  const view = new DataView(head.buffer, head.byteOffset);
  view.setUint16(UDP_CHECKSUM_OFFSET, 0);
  view.setUint32(STAMP_FLOW_OFFSET, flow, true);
}

function leastCommonMultiple(a: number, b: number): number {
  const divisor = (x: number, y: number): number => (y === 0 ? x : divisor(y, x % y));
  return (a / divisor(a, b)) * b;
}

function createSource(
  arena: Arena,
  allocate: (bytes: number) => number,
  packets: readonly TrafficPacket[],
  queue: number,
  total: number,
  zeros: number,
): number {
  const own = packets.filter((packet) => packet.queue === queue);
  if (own.length === 0) return 0;
  const source = allocate(Source.SIZE);
  const table = allocate(own.length * Packet.SIZE);
  const heads = allocate(own.reduce((sum, { head }) => sum + padded(head.length), 0));
  let at = heads;
  own.forEach(({ head, length, hash }, index) => {
    arena.u8.set(head, at);
    const packet = table + index * Packet.SIZE;
    arena.set(packet, Packet.head, at);
    arena.set(packet, Packet.headLength, head.length);
    arena.set(packet, Packet.length, length);
    arena.set(packet, Packet.hash, hash);
    at += padded(head.length);
  });
  arena.set(source, Source.packets, table);
  arena.set(source, Source.nrPackets, own.length);
  arena.set(source, Source.fill, zeros);
  setRemaining(arena, source, framesOfQueue(packets, queue, own.length, total));
  return source;
}

/** A counter for each packet: each of its frames is stamped with the next number. */
function addSequences(
  arena: Arena,
  allocate: (bytes: number) => number,
  source: number,
  lastStamp: number,
): void {
  const count = arena.get(source, Source.nrPackets);
  const sequences = allocate(4 * count);
  for (let i = 0; i < count; i++) arena.setU32(sequences + 4 * i, lastStamp);
  arena.set(source, Source.sequences, sequences);
}

/** The highest stamp that a stopped source has given to any flow, 0 where it has none. */
export function lastStampOf({ arena }: System, { sources }: TrafficSource): number {
  let last = 0;
  for (const source of sources) {
    const sequences = source === 0 ? 0 : arena.get(source, Source.sequences);
    if (sequences === 0) continue;
    const count = arena.get(source, Source.nrPackets);
    for (let i = 0; i < count; i++) last = Math.max(last, arena.u32(sequences + 4 * i));
  }
  return last;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / PAD_BYTES) * PAD_BYTES;
}

/** How many of the first `total` frames, going round `packets`, belong to `queue`. */
function framesOfQueue(
  packets: readonly TrafficPacket[],
  queue: number,
  own: number,
  total: number,
): number {
  if (total === ENDLESS) return ENDLESS;
  const rest = packets
    .slice(0, total % packets.length)
    .filter((packet) => packet.queue === queue).length;
  return Math.floor(total / packets.length) * own + rest;
}

/** `frames` may be Infinity: without end (the top value of the field). */
function setRemaining(arena: Arena, source: number, frames: number): void {
  const { offset } = Source.remaining;
  if (frames !== ENDLESS) {
    arena.set(source, Source.remaining, frames);
    return;
  }
  arena.setU32(source + offset, 0xffffffff);
  arena.setU32(source + offset + 4, 0xffffffff);
}

/** Lets the traffic in, beside what a queue has already: from now on the receive contexts find it. */
export function startTraffic({ arena, dp }: System, { device, sources }: TrafficSource): void {
  device.rxQueues.forEach((queue, index) => {
    if (sources[index] === 0) return;
    arena.set(sources[index]!, Source.next, arena.loadShared(queue, RxQueue.source));
    arena.storeShared(queue, RxQueue.source, sources[index]!);
    dp.wakeUp(arena.get(queue, RxQueue.consumer));
  });
}

/** Stops all traffic of the device: polls that are under way still end. */
export function stopTraffic({ arena }: System, { device }: TrafficSource): void {
  for (const queue of device.rxQueues) arena.storeShared(queue, RxQueue.source, 0);
}

/** Gives the memory of a stopped source back, once nobody reads it any more. */
export function freeTraffic(system: System, { memory }: TrafficSource): void {
  for (const address of memory) system.freeAfterGracePeriod(address);
}

/** Whether every frame of a bounded source has been received, or will never be: the worker that received it is dead. */
export function isTrafficOver({ arena }: System, { device, sources }: TrafficSource): boolean {
  return device.rxQueues.every((queue, index) => {
    const source = sources[index]!;
    if (source === 0 || arena.get(source, Source.remaining) === 0) return true;
    return arena.loadShared(arena.get(queue, RxQueue.consumer), Context.dead) !== 0;
  });
}
