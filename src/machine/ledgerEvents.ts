import { MapType, Origin, ProgramHook, Queue } from '../arena/layout.generated.js';
import { BPF_F, XDP } from '../program/define.js';
import type { RawRecord } from '../trace/records.js';
import { type Task, taskOf } from './task.js';

/** What every event of a frame's way says. */
interface Step {
  /** Of the frame, never 0: 1, 2, ... in the order in which frames came in; copies have tags from COPY_TAGS on. */
  readonly tag: number;
  readonly cpu: number;
  readonly task: Task;
  /** Nanoseconds of the machine's clock. */
  readonly timeNs: number;
  /** Machine-wide order. */
  readonly order: number;
}

/** A frame came in. One that a veth hands to its peer comes in once more, with the same tag. */
export interface ReceiveEvent extends Step {
  /** `socket`: an AF_XDP application sent it on the device; it was not if the device's ring then does not take it. */
  readonly from: 'queue' | 'socket';
  readonly ifindex: number;
  readonly queue: number;
  readonly length: number;
  /** Its first bytes, enough for the headers. */
  readonly head: Uint8Array;
}

/** A frame's bytes at a stage; fewer than `length` where it is longer than any that a device receives. */
export interface StageBytes {
  readonly length: number;
  readonly data: Uint8Array;
}

/** Where `xdp_do_redirect` will send the frame, as the helpers left it. */
export interface RedirectTarget {
  /** `undefined`: by no map. */
  readonly mapType: 'cpumap' | 'devmap' | 'devmap_hash' | 'xskmap' | undefined;
  /** 0 without a map. */
  readonly mapId: number;
  /** The map's key, or the ifindex. */
  readonly index: number;
  /** To all of the map's entries. */
  readonly isBroadcast: boolean;
  /** No helper has set a target: XDP_REDIRECT then fails with EBADRQC. */
  readonly isUnset: boolean;
}

/** A helper found no target. */
export interface Refusal {
  /** ENOENT: the map has no entry for the key; EINVAL: flags that it does not take. */
  readonly errno: number;
  /** 0: `bpf_redirect`. */
  readonly mapId: number;
  readonly key: number;
}

/** A program ran on a frame. */
export interface ProgramRunEvent extends Step {
  readonly hook: 'xdp' | 'cpumap' | 'devmap';
  readonly programId: number;
  /** The device that received the frame. */
  readonly ifindex: number;
  /** The device that a devmap program's frame leaves by, else 0. */
  readonly egressIfindex: number;
  readonly queue: number;
  /** `enum xdp_action`, or another number that it returned. */
  readonly action: number;
  /** Of XDP_REDIRECT. */
  readonly target: RedirectTarget | undefined;
  readonly refusal: Refusal | undefined;
  /** When it began; `timeNs` is when it returned. */
  readonly startNs: number;
  /** Where stages are captured. */
  readonly before: StageBytes | undefined;
  readonly after: StageBytes | undefined;
}

/** A frame met a ring, or was refused by what stands before one. */
export interface EnqueueEvent extends Step {
  /**
   * The `ptr_ring` of a cpumap entry; a device's bulk queue (told of only where the device cannot transmit the frame at all);
   * the ring that `ndo_xdp_xmit` fills; a socket's RX ring.
   */
  readonly where: 'cpumap' | 'device_bulk' | 'device' | 'socket';
  /** CPU, ifindex or socket id. */
  readonly target: number;
  /** Of a cpumap entry, whose key is the CPU; else 0. */
  readonly mapId: number;
  /** Of the device's far end, or of the socket. */
  readonly queue: number;
  readonly isTaken: boolean;
  /** errno, negative as the kernel returns it, or 0. */
  readonly err: number;
  /** Slots taken before, of `size`. A consumer gives slots back in groups, so some of them may be read already. */
  readonly depth: number;
  readonly size: number;
  /** Frames that came together, and how many of them were not taken. */
  readonly bulk: number;
  readonly dropped: number;
  /** Sockets: buffers that the kernel had on the FILL ring. */
  readonly filled: number;
  /** The longest frame that is taken, 0 where nothing limits it, and the length of the (first) frame that was not taken. */
  readonly longest: number;
  readonly length: number;
}

/** A broadcast made a copy. Its tag is its own where there is a ledger, else that of the frame. */
export interface CloneEvent extends Step {
  /** Tag of the frame that it was made of. */
  readonly parent: number;
}

const origins = { [Origin.QUEUE]: 'queue', [Origin.SOCKET]: 'socket' } as const;
const hooks = {
  [ProgramHook.XDP]: 'xdp',
  [ProgramHook.CPUMAP]: 'cpumap',
  [ProgramHook.DEVMAP]: 'devmap',
} as const;
const queues = {
  [Queue.CPUMAP]: 'cpumap',
  [Queue.DEVICE_BULK]: 'device_bulk',
  [Queue.DEVICE]: 'device',
  [Queue.SOCKET]: 'socket',
} as const;
const redirectMaps = new Map<number, RedirectTarget['mapType']>([
  [MapType.CPUMAP, 'cpumap'],
  [MapType.DEVMAP, 'devmap'],
  [MapType.DEVMAP_HASH, 'devmap_hash'],
  [MapType.XSKMAP, 'xskmap'],
]);
const INT_MAX = 0x7fffffff;

// Millions of these are made: fields are read by number, since destructuring a typed array iterates over it.

export function receiveEvent(record: RawRecord): ReceiveEvent {
  const { tag, cpu, timeNs, order, fields } = record;
  return {
    tag,
    cpu,
    task: taskOf(record),
    timeNs,
    order,
    from: origins[record.type as Origin],
    ifindex: fields[0]!,
    queue: fields[2]!,
    length: fields[3]!,
    head: record.data!,
  };
}

/** The run whose records of entry and exit these are. */
export function programRunEvent(entry: RawRecord, exit: RawRecord): ProgramRunEvent {
  const { tag, cpu, timeNs, order } = exit;
  const action = exit.fields[0]! >>> 0;
  return {
    tag,
    cpu,
    task: taskOf(exit),
    timeNs,
    order,
    hook: hooks[exit.type as ProgramHook],
    programId: entry.fields[0]!,
    ifindex: entry.fields[3]!,
    egressIfindex: entry.fields[4]!,
    queue: entry.fields[5]!,
    action,
    target: action === XDP.REDIRECT ? targetOf(exit) : undefined,
    refusal: refusalOf(exit),
    startNs: entry.timeNs,
    before: stageBytes(entry),
    after: stageBytes(exit),
  };
}

function targetOf({ fields }: RawRecord): RedirectTarget {
  const mapType = redirectMaps.get(fields[3]!);
  return {
    mapType,
    mapId: mapType === undefined ? 0 : fields[4]!,
    index: fields[5]! >>> 0,
    isBroadcast: mapType !== undefined && (fields[6]! & BPF_F.BROADCAST) !== 0,
    isUnset: mapType === undefined && fields[4] !== INT_MAX,
  };
}

function refusalOf({ fields }: RawRecord): Refusal | undefined {
  const errno = fields[7]!;
  return errno === 0 ? undefined : { errno, mapId: fields[8]!, key: fields[9]! >>> 0 };
}

function stageBytes({ fields, data }: RawRecord): StageBytes | undefined {
  return fields[1] === 0 ? undefined : { length: fields[2]!, data: data! };
}

/** One for each frame that the record is about. */
export function enqueueEvents(record: RawRecord): EnqueueEvent[] {
  const { type, cpu, timeNs, order, fields, data } = record;
  const where = queues[type as Queue];
  const task = taskOf(record);
  const bulk = fields[1]! / 4;
  const taken = fields[6]!;
  const view = new DataView(data!.buffer, data!.byteOffset, data!.byteLength);
  const events: EnqueueEvent[] = [];
  for (let index = 0; index < bulk; index++) {
    events.push({
      tag: view.getUint32(4 * index, true),
      cpu,
      task,
      timeNs,
      order,
      where,
      target: fields[0]!,
      mapId: where === 'cpumap' ? fields[2]! : 0,
      queue: where === 'cpumap' ? 0 : fields[2]!,
      isTaken: index < taken,
      err: fields[7]!,
      depth: fields[3]!,
      size: fields[4]!,
      bulk,
      dropped: bulk - taken,
      filled: fields[5]!,
      longest: fields[8]!,
      length: fields[9]!,
    });
  }
  return events;
}

export function cloneEvent(record: RawRecord): CloneEvent {
  const { tag, cpu, timeNs, order, fields } = record;
  return { tag, cpu, task: taskOf(record), timeNs, order, parent: fields[0]! >>> 0 };
}
