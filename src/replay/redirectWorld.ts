import {
  Context,
  ContextKind,
  FrameQueue,
  MapType,
  Recording,
  TEST_XDP_MAX_BATCH,
  WireQueue,
} from '../arena/layout.generated.js';
import type { NetDevice } from '../machine/devices.js';
import type { ContextHandle, KernelVersion } from '../machine/kernel.js';
import type { XskSocket } from '../machine/sockets.js';
import { System } from '../machine/system.js';
import { errnoName } from '../maps/errno.js';
import { u32ToBytes } from '../maps/kernelMap.js';
import { poolFramesOf } from './poolFrames.js';
import type { ProgramKind } from './programRuns.js';
import type {
  DeviceDeclaration,
  DeviceRef,
  Drain,
  EntryDeclaration,
  Experiment,
  MapDeclaration,
  SocketDeclaration,
} from './redirectTrace.js';
import { ScriptedPrograms } from './scriptedPrograms.js';
import { TraceFormatError } from './traceError.js';

/** Far from every index that a script names, so that an old map key is never taken for a device of the experiment. */
const FIRST_IFINDEX = 0x2a000000;
/** What every network namespace has (include/net/net_namespace.h), though no experiment says so. */
const LOOPBACK_IFINDEX = 1;
/** Room for the largest batch, also while the consumer holds a group of slots. */
const RX_SLOTS = 2 * TEST_XDP_MAX_BATCH;
/** For all records between two looks at the rings. */
const TRACE_RING_BYTES = 1 << 25;
/** The kernel's name for how many frames a kthread takes at a time: here it is stepped batch by batch. */
const CPUMAP_BATCH = 8;
/** Drivers that have an ndo_xdp_xmit, whether or not it can send now (before 6.3 nothing else said so). */
const DRIVERS_WITH_NDO = new Set(['veth', 'tap', 'tun']);

/** The machine of an experiment: what `devices` to `ingress` describe, and the way back from numbers to symbols. */
export class RedirectWorld {
  readonly system: System;
  readonly programs: ScriptedPrograms;
  readonly sockets: readonly {
    readonly declaration: SocketDeclaration;
    readonly socket: XskSocket;
  }[];
  readonly receiver: ContextHandle;
  /** The queue that frames come in on. */
  readonly rxQueue: number;
  readonly #programFds = new Map<string, number>();
  readonly #programs = new Map<number, { readonly name: string; readonly kind: ProgramKind }>();
  readonly #mapAddresses = new Map<string, number>();
  readonly #mapNames = new Map<number, string>();
  readonly #wires: { readonly wire: number; readonly drain: Drain }[] = [];

  constructor(experiment: Experiment, kernel: KernelVersion) {
    this.system = new System({
      kernel,
      nrCpus: experiment.cpus,
      nowNs: () => 0,
      poolFrames: poolFramesOf(experiment),
      onContext: (context) => this.system.kernel.addTraceRing(context, TRACE_RING_BYTES),
    });
    const { ingress } = experiment;
    this.receiver = this.system.receiveContext(ingress.cpu);
    this.#setWeight(this.receiver, TEST_XDP_MAX_BATCH);
    this.#addLoopback();
    for (const [index, device] of experiment.devices.entries()) {
      this.#addDevice(device, FIRST_IFINDEX + index, ingress);
    }
    this.sockets = this.#addSockets(experiment.sockets);
    this.programs = new ScriptedPrograms(this.system, {
      mapAddress: (id) => defined(this.#mapAddresses.get(id), `map ${id}`),
      ifindex: (device) => (typeof device === 'number' ? device : this.#device(device).ifindex),
    });
    this.#addMaps(experiment);
    this.rxQueue = this.#attachMain(experiment);
    this.system.kernel.setRecording(Recording.TRACEPOINTS | Recording.FATES | Recording.FLUSHES);
  }

  /** The contexts that run kthreads. */
  get kthreadContexts(): readonly ContextHandle[] {
    return this.system.kernel.contexts.filter(({ kind }) => kind === ContextKind.CPUMAP);
  }

  /** Lets the far ends of the devices with this `drain` take frames, or holds them back. */
  openWires(drain: Drain, open: boolean): void {
    for (const each of this.#wires) {
      if (each.drain !== drain) continue;
      this.#stallWire(each.wire, !open);
    }
  }

  /** Holds back those who empty rings while frames come in, or releases them. */
  holdConsumers(held: boolean): void {
    for (const { wire, drain } of this.#wires) if (drain === 'flush') this.#stallWire(wire, held);
    for (const { cpu } of this.kthreadContexts) this.system.kthreads.stall(cpu, held);
  }

  #stallWire(wire: number, stalled: boolean): void {
    const { arena, dp } = this.system;
    arena.storeShared(wire, WireQueue.stalled, stalled ? 1 : 0);
    if (!stalled) dp.wakeUp(arena.get(wire, WireQueue.consumer));
  }

  // -- symbols of numbers

  deviceName(ifindex: number): DeviceRef {
    if (ifindex === LOOPBACK_IFINDEX) return ifindex;
    return this.system.devices.byIfindex(ifindex)?.name ?? ifindex;
  }

  mapName(id: number): string | number {
    return this.#mapNames.get(id) ?? id;
  }

  programName(id: number): string {
    return this.#programs.get(id)?.name ?? `program ${id}`;
  }

  programKind(id: number): ProgramKind {
    return this.#programs.get(id)?.kind ?? 'main';
  }

  // -- building

  #device(name: string): NetDevice {
    return defined(this.system.devices.byName(name), `device ${name}`);
  }

  #setWeight(context: ContextHandle, weight: number): void {
    this.system.arena.set(context.address, Context.weight, weight);
  }

  /** Key 1 of an earlier call that is taken for a device finds this one, which cannot transmit. */
  #addLoopback(): void {
    this.system.addDevice({
      name: 'lo (not of the experiment)',
      ifindex: LOOPBACK_IFINDEX,
      up: false,
      mtu: 65536,
      ndoXdpXmit: false,
      ndoXdpXmitSg: false,
      rxSg: false,
      hasNdo: false,
      mode: 'native',
      rxContexts: [],
      rxSlots: 1,
      needsFlush: false,
      wires: 0,
      wireSlots: 1,
      xmitError: 0,
      xmitMaxLength: 0,
    });
  }

  #addDevice(device: DeviceDeclaration, ifindex: number, ingress: Experiment['ingress']): void {
    const { name, kind, up, mtu, queues, ndoXdpXmit, ndoXdpXmitFrags, xmit } = device;
    const isIngress = name === ingress.device;
    const rxContexts = isIngress ? Array.from({ length: queues }, () => this.receiver) : [];
    const added = this.system.addDevice({
      name,
      ifindex,
      up,
      mtu,
      ndoXdpXmit,
      ndoXdpXmitSg: ndoXdpXmitFrags,
      rxSg: true,
      hasNdo: ndoXdpXmit || DRIVERS_WITH_NDO.has(kind),
      mode: ingress.mode === 'test-run' ? 'test-run' : 'native',
      rxContexts,
      rxSlots: RX_SLOTS,
      needsFlush: xmit?.drain === 'flush',
      wires: xmit === undefined ? 0 : 1,
      wireSlots: xmit?.ring ?? 1,
      wireContext: this.system.deviceContext(),
      xmitError: -(xmit?.error ?? 0),
      xmitMaxLength: xmit?.maxLength ?? 0,
    });
    if (xmit === undefined) return;
    for (const wire of added.wires) this.#wires.push({ wire, drain: xmit.drain });
    if (xmit.drain !== 'flush') this.openWires(xmit.drain, false);
  }

  #addSockets(declarations: readonly SocketDeclaration[]) {
    return declarations.map((declaration) => {
      const { id, device, queue, rxRing, fillRing, posted, chunk, headroom, sharedWith } =
        declaration;
      const shared =
        sharedWith === null
          ? undefined
          : defined(this.system.sockets.byName(sharedWith), `socket ${sharedWith}`);
      const socket = this.system.addSocket({
        name: id,
        device: this.#device(device),
        queue,
        rxRing,
        txRing: 1,
        fillRing,
        completionRing: 1,
        chunkSize: chunk,
        chunks: Math.max(fillRing, posted),
        headroom,
        fill: posted,
        ...(shared && { shared }),
        application: 'manual',
        context: this.system.socketContext(),
      });
      return { declaration, socket };
    });
  }

  #addMaps({ maps, programs }: Experiment): void {
    const { bpf, files } = this.system;
    const fds = maps.map((map) => {
      const { id, type, maxEntries, valueSize } = map;
      const fd = bpf.mapCreate({
        type: MAP_TYPES[type],
        keySize: 4,
        valueSize,
        maxEntries,
        mapFlags: 0,
      });
      const file = files.map(fd);
      if (typeof file === 'number') throw refused(`map ${id}`, fd);
      this.#mapAddresses.set(id, file.map.address);
      this.#mapNames.set(file.map.id, id);
      return { map, fd };
    });
    for (const declaration of programs) {
      const program = this.programs.addEntryProgram(declaration);
      this.#programs.set(program.id, { name: declaration.id, kind: declaration.kind });
      this.#programFds.set(declaration.id, files.open({ kind: 'program', program }));
    }
    for (const { map, fd } of fds) {
      for (const entry of map.entries) this.#addEntry(map, fd, entry);
    }
    for (const context of this.kthreadContexts) this.#setWeight(context, CPUMAP_BATCH);
  }

  #addEntry(map: MapDeclaration, fd: number, entry: EntryDeclaration): void {
    const { prog, key } = entry;
    const target = this.#entryTarget(map, entry);
    const progFd =
      prog === null || prog === undefined
        ? 0
        : defined(this.#programFds.get(prog), `program ${prog}`);
    const value = map.valueSize === 8 ? u32ToBytes(target, progFd) : u32ToBytes(target);
    const err = this.system.bpf.mapUpdateElem(fd, u32ToBytes(key), value, 0n);
    if (err !== 0) throw refused(`map ${map.id}, key ${key}`, err);
  }

  #entryTarget({ id, type }: MapDeclaration, entry: EntryDeclaration): number {
    const missing = (what: string) => `map ${id}, key ${entry.key}: its ${what}`;
    if (type === 'cpumap') return defined(entry.qsize, missing('qsize'));
    if (type !== 'xskmap') return this.#device(defined(entry.device, missing('device'))).ifindex;
    const name = defined(entry.socket, missing('socket'));
    const socket = defined(this.system.sockets.byName(name), `socket ${name}`);
    return this.system.files.open({ kind: 'socket', socket });
  }

  /** Loads the script as the ingress device's program; the receive queue that its frames come in on. */
  #attachMain({ ingress, script }: Experiment): number {
    const device = this.#device(ingress.device);
    const program = this.programs.addMain(script);
    this.#programs.set(program.id, { name: 'main', kind: 'main' });
    this.system.devices.setProgram(device, program.address);
    const { mode, cpu } = ingress;
    const queue = mode === 'test-run' ? 0 : cpu % device.rxQueues.length;
    const rxQueue = defined(device.rxQueues[queue], `queue ${queue} of device ${device.name}`);
    // A batch is one poll: it is received only once all of it is there.
    this.system.arena.set(rxQueue, FrameQueue.needsFlush, 1);
    return rxQueue;
  }
}

const MAP_TYPES = {
  cpumap: MapType.CPUMAP,
  devmap: MapType.DEVMAP,
  devmap_hash: MapType.DEVMAP_HASH,
  xskmap: MapType.XSKMAP,
} as const;

function defined<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new TraceFormatError(`${what}: not in the document`);
  return value;
}

function refused(what: string, err: number): TraceFormatError {
  return new TraceFormatError(`${what}: cannot be set up: ${errnoName(err)}`);
}
