import { ArenaFullError } from '../arena/allocator.js';
import { Arena } from '../arena/arena.js';
import {
  type DataPlane,
  type DataPlaneBuild,
  dataPlaneModule,
  instantiateDataPlane,
} from '../arena/dataplane.js';
import {
  Context,
  ContextKind,
  DEVICE_HASH_SLOTS,
  MACHINE_ADDRESS,
  Machine as MachineStruct,
  PROGRAM_SCRATCH_BYTES,
  RxQueue,
  WireQueue,
  XdpSock,
} from '../arena/layout.generated.js';
import type { Field } from '../arena/struct.js';
import { Rcu } from './rcu.js';

/** Kernel profiles, as `major * 100 + minor`. */
export type KernelVersion = 601 | 618;

export interface KernelOptions {
  readonly kernel: KernelVersion;
  readonly nrCpus: number;
  /** Address space of the arena; pages that are not used cost nothing. */
  readonly arenaBytes?: number;
  readonly build?: DataPlaneBuild;
  /** Frames of the control context, for injecting. */
  readonly controlFrames: number;
  /** Clock of the trace records, in nanoseconds. */
  readonly nowNs: () => number;
  /** Of the programs' random numbers. */
  readonly seed?: number;
  /** An arena, all zero, and the data plane over it, where both are there already. */
  readonly plane?: { readonly arena: Arena; readonly dp: DataPlane };
}

export interface ContextHandle {
  readonly id: number;
  readonly kind: ContextKind;
  /** -1: the context runs on no emulated CPU. */
  readonly cpu: number;
  readonly address: number;
}

/** Below 2^31, so that addresses are positive as signed numbers too. */
const ARENA_BYTES = 0x7fff0000;
/** Size of a frame as drivers have it: a page, with headroom and the shared info's tailroom. */
const FRAME_BYTES = 4096;

/** The memory of one machine and what is always in it: CPUs, contexts, the clock of grace periods. */
export class Kernel {
  readonly arena: Arena;
  readonly build: DataPlaneBuild;
  readonly dp: DataPlane;
  readonly version: KernelVersion;
  readonly nrCpus: number;
  readonly rcu: Rcu;
  /** All contexts by id; the first is control's. */
  readonly contexts: ContextHandle[] = [];
  readonly control: ContextHandle;
  readonly #cpus: number[] = [];
  readonly #contextAddresses: number[] = [];

  constructor({
    kernel,
    nrCpus,
    arenaBytes = ARENA_BYTES,
    build = 'production',
    controlFrames,
    nowNs,
    seed = 0,
    plane,
  }: KernelOptions) {
    this.version = kernel;
    this.nrCpus = nrCpus;
    this.build = build;
    this.arena = plane?.arena ?? Arena.create(arenaBytes);
    this.dp = plane?.dp ?? instantiateDataPlane(dataPlaneModule(build), this.arena, nowNs);
    this.arena.assign(MACHINE_ADDRESS, MachineStruct, {
      kernel,
      nrCpus,
      deviceHash: this.arena.allocate(DEVICE_HASH_SLOTS * 4),
      programLow: this.arena.programWindow.low,
      programHigh: this.arena.programHigh,
      seed,
    } as never);
    for (let id = 0; id < nrCpus; id++) {
      const cpu = this.arena.allocate(this.dp.cpuBytes());
      this.dp.cpuInit(cpu, id);
      this.#cpus.push(cpu);
    }
    this.rcu = new Rcu(this.arena, this.#contextAddresses);
    this.control = this.createContext(ContextKind.CONTROL, -1, controlFrames);
    this.dp.setCurrent(this.control.address);
  }

  /** A context on `cpu` (-1: none) with `nrFrames` frames of its own. Throws RangeError where there is no room for it. */
  createContext(kind: ContextKind, cpu: number, nrFrames: number): ContextHandle {
    try {
      return this.#createContext(kind, cpu, nrFrames);
    } catch (error) {
      if (!(error instanceof ArenaFullError)) throw error;
      const mebibytes = (this.dp.framePoolDataBytes(nrFrames, FRAME_BYTES) / 2 ** 20).toFixed(1);
      throw new RangeError(
        `the machine needs more workers than it has memory for: ${this.contexts.length} have theirs, and another would take ` +
          `${mebibytes} MiB for its frames: use fewer receive queues or CPUs`,
        { cause: error },
      );
    }
  }

  #createContext(kind: ContextKind, cpu: number, nrFrames: number): ContextHandle {
    const id = this.contexts.length;
    const address = this.arena.allocate(this.dp.contextBytes());
    this.dp.contextInit(address, id, kind, cpu < 0 ? 0 : this.#cpuAt(cpu));
    const pool = this.arena.allocate(this.dp.framePoolBytes(nrFrames));
    const data = this.arena.allocateForPrograms(this.dp.framePoolDataBytes(nrFrames, FRAME_BYTES));
    this.dp.contextSetPool(address, pool, data, nrFrames, FRAME_BYTES);
    const scratch = this.arena.allocateForPrograms(PROGRAM_SCRATCH_BYTES);
    this.arena.set(address, Context.programScratch, scratch);
    const context = { id, kind, cpu, address };
    this.contexts.push(context);
    this.#contextAddresses.push(address);
    return context;
  }

  #cpuAt(id: number): number {
    const cpu = this.#cpus[id];
    if (cpu === undefined)
      throw new RangeError(`CPU ${id}: expected one from 0 to ${this.nrCpus - 1}`);
    return cpu;
  }

  /** Gives `context` a trace ring of `bytes`, a power of two. */
  addTraceRing(context: ContextHandle, bytes: number): void {
    const ring = this.arena.allocate(this.dp.traceRingBytes(bytes));
    this.dp.traceRingInit(ring, bytes);
    this.arena.set(context.address, Context.trace, ring);
  }

  /** Sets the bits of `Recording`. */
  setRecording(bits: number): void {
    this.arena.storeShared(MACHINE_ADDRESS, MachineStruct.recording, bits);
  }

  /** Hands a receive queue to its context. */
  addRxQueue(context: ContextHandle, queue: number): void {
    this.#push(context, Context.rxQueues, queue, RxQueue.next);
  }

  addWire(context: ContextHandle, wire: number): void {
    this.#push(context, Context.wires, wire, WireQueue.next);
  }

  addSocket(context: ContextHandle, socket: number): void {
    this.#push(context, Context.sockets, socket, XdpSock.next);
  }

  /** These lists only grow, at their head, and control alone adds: no lock is needed. */
  #push(context: ContextHandle, head: Field, item: number, next: Field): void {
    this.arena.set(item, next, this.arena.loadShared(context.address, head));
    this.arena.storeShared(context.address, head, item);
  }
}
