import {
  BpfCpuMapEntry,
  BpfProg,
  ContextKind,
  FrameQueue,
  PerfEvent,
  WireQueue,
  XdpSock,
} from '../arena/layout.generated.js';
import { FileTable } from '../maps/files.js';
import { MapTable } from '../maps/mapTable.js';
import { ATTACH_TYPE, type MapHost, type Program } from '../maps/objects.js';
import { BpfSyscalls } from '../maps/syscall.js';
import { CALLBACK_BASE } from '../program/ebpf/runtime.js';
import { type DeviceSpec, Devices, type NetDevice } from './devices.js';
import { Fib } from './fib.js';
import { type ContextHandle, Kernel, type KernelOptions } from './kernel.js';
import { Kthreads } from './kthreads.js';
import { type SocketSpec, Sockets, type XskSocket } from './sockets.js';

/** Frames that each kind of context has of its own. */
export interface PoolFrames {
  /** For injecting. */
  readonly control: number;
  /** For what a receive queue's source brings, and copies that a broadcast makes. */
  readonly receive: number;
  /** For copies that a cpumap program's broadcast makes. */
  readonly cpumap: number;
  /** For what applications send. */
  readonly socket: number;
}

const POOL_FRAMES: PoolFrames = { control: 1024, receive: 2048, cpumap: 256, socket: 256 };

export interface SystemOptions extends Omit<KernelOptions, 'controlFrames'> {
  /** Told of every context as it is made, before anything is handed to it. */
  readonly onContext?: (context: ContextHandle) => void;
  readonly poolFrames?: PoolFrames;
  /** Flows whose order is checked at every target (`device/stamp.ts`), 0 for none. */
  readonly stampedFlows?: number;
  /** The descriptors of the process that makes the system calls. */
  readonly files?: FileTable;
  /** That process has CAP_BPF and CAP_NET_ADMIN; by default it has. */
  readonly isPrivileged?: boolean;
  /** CONFIG_NR_CPUS, which bounds cpumaps; by default that of most distributions' kernels on small machines. */
  readonly configNrCpus?: number;
}

/** What `System.addProgram` needs to know. */
export interface ProgramSpec {
  readonly name: string;
  readonly type?: string;
  readonly expectedAttachType: number;
  readonly hasFrags: boolean;
  readonly isDevBound?: boolean;
  /** As other objects know it; the next free number by default. */
  readonly id?: number;
}

/** A running kernel's objects: devices, sockets, programs, descriptors and maps, and the contexts that serve them. */
export class System implements MapHost {
  readonly kernel: Kernel;
  readonly devices: Devices;
  readonly sockets: Sockets;
  readonly files: FileTable;
  readonly mapTable: MapTable;
  readonly fib: Fib;
  readonly kthreads: Kthreads;
  readonly bpf: BpfSyscalls;
  readonly configNrCpus: number;
  readonly #onContext: (context: ContextHandle) => void;
  readonly #poolFrames: PoolFrames;
  readonly #stampedFlows: number;
  readonly #programs = new Map<number, Program & { readonly tableIndex: number }>();
  readonly #serving = new Map<string, ContextHandle>();
  #socketsAreShared = false;

  constructor({
    onContext = () => {},
    poolFrames = POOL_FRAMES,
    stampedFlows = 0,
    files = new FileTable(),
    isPrivileged = true,
    configNrCpus = 256,
    ...options
  }: SystemOptions) {
    this.files = files;
    this.configNrCpus = configNrCpus;
    this.kernel = new Kernel({ ...options, controlFrames: poolFrames.control });
    this.devices = new Devices(this.kernel);
    this.sockets = new Sockets(this.kernel);
    this.mapTable = new MapTable(this.kernel.arena);
    this.fib = new Fib(this.kernel.arena, (address) => this.freeAfterGracePeriod(address));
    this.kthreads = new Kthreads(this.kernel);
    this.bpf = new BpfSyscalls(this, files, { isOld: options.kernel < 618, isPrivileged });
    this.#onContext = onContext;
    this.#poolFrames = poolFrames;
    this.#stampedFlows = stampedFlows;
  }

  get arena() {
    return this.kernel.arena;
  }

  get dp() {
    return this.kernel.dp;
  }

  get control() {
    return this.kernel.control;
  }

  get nrCpus() {
    return this.kernel.nrCpus;
  }

  // -- contexts

  /** The context that polls the receive queues of `cpu`. */
  receiveContext(cpu: number): ContextHandle {
    return this.#context(ContextKind.RECEIVE, cpu, this.#poolFrames.receive);
  }

  /** The context that runs the kthreads of `cpu`. */
  cpumapContext(cpu: number): ContextHandle {
    return this.#context(ContextKind.CPUMAP, cpu, this.#poolFrames.cpumap);
  }

  /** The far end of all devices. */
  deviceContext(): ContextHandle {
    return this.#context(ContextKind.DEVICE, -1, 1);
  }

  /** The applications on all sockets. */
  socketContext(): ContextHandle {
    return this.#context(ContextKind.SOCKET, -1, this.#poolFrames.socket);
  }

  #context(kind: ContextKind, cpu: number, nrFrames: number): ContextHandle {
    const key = `${kind}:${cpu}`;
    let context = this.#serving.get(key);
    if (context === undefined) {
      context = this.kernel.createContext(kind, cpu, nrFrames);
      this.#serving.set(key, context);
      this.#onContext(context);
    }
    return context;
  }

  // -- devices and sockets

  addDevice(spec: DeviceSpec): NetDevice {
    // A test run does not tell its queues apart: every one of them delivers to the sockets of queue 0.
    if (spec.mode === 'test-run' && new Set(spec.rxContexts).size > 1) this.#shareSockets();
    const device = this.devices.add(spec);
    for (const wire of device.wires) this.arena.set(wire, WireQueue.stamps, this.#createStamps());
    return device;
  }

  /** NETDEV_UNREGISTER: the device leaves the network namespace, and so do its entries in all maps. */
  removeDevice(device: NetDevice): void {
    this.devices.unregister(device);
    for (const map of this.bpf.maps()) map.forgetDevice(device.address);
  }

  /** `ip link delete`: the end of a veth pair takes the other along. Returns all that left. */
  deleteDevice(device: NetDevice): NetDevice[] {
    const peer = this.devices.peerOf(device);
    const leaving = peer === undefined ? [device] : [device, peer];
    for (const each of leaving) this.removeDevice(each);
    return leaving;
  }

  addSocket(spec: SocketSpec): XskSocket {
    const socket = this.sockets.add(spec);
    this.arena.set(socket.address, XdpSock.stamps, this.#createStamps());
    if (this.#socketsAreShared) this.sockets.lockPools();
    return socket;
  }

  /** `close` of an AF_XDP socket. */
  closeSocket(socket: XskSocket): void {
    socket.close();
    for (const map of this.bpf.maps()) map.forgetSocket(socket.address);
  }

  deviceByIfindex(ifindex: number): number {
    return this.dp.deviceByIfindex(ifindex);
  }

  /**
   * Sockets may have several receivers from now on (`XskBuffPool.needsLock`). That is said before there is a second
   * one: a receiver that is already at work without the lock would not notice.
   */
  #shareSockets(): void {
    if (this.#socketsAreShared) return;
    this.#socketsAreShared = true;
    this.sockets.lockPools();
  }

  /** A table of last seen stamps, or 0 where none are checked. */
  #createStamps(): number {
    if (this.#stampedFlows === 0) return 0;
    const stamps = this.arena.allocate(4 + 4 * this.#stampedFlows);
    this.arena.setU32(stamps, this.#stampedFlows);
    return stamps;
  }

  // -- programs

  /** Registers a program; every thread must then put its function at `tableIndex`. */
  addProgram({
    name,
    type = 'xdp',
    expectedAttachType,
    hasFrags,
    isDevBound = false,
    id,
  }: ProgramSpec): Program & {
    readonly tableIndex: number;
  } {
    // It may redirect to a socket, on another CPU than the one that polls the socket's queue.
    if (expectedAttachType === ATTACH_TYPE.XDP_CPUMAP) this.#shareSockets();
    const tableIndex = this.#programs.size + 1;
    if (tableIndex >= CALLBACK_BASE)
      throw new RangeError(`program ${name}: a machine has at most ${CALLBACK_BASE - 1} programs`);
    const address = this.arena.allocate(BpfProg.SIZE);
    const program = {
      id: id ?? tableIndex,
      name,
      type,
      expectedAttachType,
      hasFrags,
      isDevBound,
      address,
      tableIndex,
    };
    this.arena.set(address, BpfProg.id, program.id);
    this.arena.set(address, BpfProg.tableIndex, tableIndex);
    this.arena.set(address, BpfProg.attachType, expectedAttachType);
    this.arena.set(address, BpfProg.hasFrags, hasFrags ? 1 : 0);
    this.#programs.set(address, program);
    return program;
  }

  programAt(address: number): Program | undefined {
    return this.#programs.get(address);
  }

  // -- perf events

  /** `perf_event_open` of a PERF_COUNT_SW_BPF_OUTPUT event on one CPU: a descriptor for a PERF_EVENT_ARRAY. */
  openPerfEvent(cpu: number): number {
    if (!(cpu >= 0 && cpu < this.nrCpus))
      throw new RangeError(`CPU ${cpu}: expected one from 0 to ${this.nrCpus - 1}`);
    const address = this.arena.allocate(PerfEvent.SIZE);
    this.arena.set(address, PerfEvent.cpu, cpu);
    return this.files.open({ kind: 'perfEvent', address });
  }

  // -- cpumap entries

  startKthread(entry: number, cpu: number): void {
    this.arena.set(entry, BpfCpuMapEntry.stamps, this.#createStamps());
    this.kthreads.start(entry, this.cpumapContext(cpu));
  }

  retireKthread(entry: number): void {
    this.kthreads.retire(entry);
  }

  afterGracePeriod(done: () => void): void {
    this.kernel.rcu.defer(done);
  }

  freeAfterGracePeriod(address: number): void {
    this.afterGracePeriod(() => this.arena.free(address));
  }

  /** Ends grace periods and frees what kthreads have left; returns how much still waits. */
  housekeep(): number {
    return this.kernel.rcu.poll() + this.kthreads.reap();
  }

  /** Receivers look also for what was sent without XDP_XMIT_FLUSH: it waits for a later frame, which may never come. */
  notifyQueues(): void {
    for (const { rxQueues, wires } of this.devices) {
      for (const queue of [...rxQueues, ...wires]) {
        this.arena.storeShared(queue, FrameQueue.notified, 1);
        this.dp.wakeUp(this.arena.get(queue, FrameQueue.consumer));
      }
    }
  }

  /** Stalls or releases the far end of a device. */
  stallWires({ wires }: NetDevice, stalled: boolean): void {
    for (const wire of wires) {
      this.arena.storeShared(wire, WireQueue.stalled, stalled ? 1 : 0);
      if (!stalled) this.dp.wakeUp(this.arena.get(wire, WireQueue.consumer));
    }
  }
}
