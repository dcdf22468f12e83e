import type { NetDevice } from '../machine/devices.js';
import type { KernelVersion } from '../machine/kernel.js';
import { System } from '../machine/system.js';
import { FileTable } from '../maps/files.js';
import { ATTACH_TYPE } from '../maps/objects.js';
import { Descriptors } from './descriptors.js';
import type { DeviceDeclaration, MapOperation, MapTraceHeader } from './mapTrace.js';

/** No map operation depends on what rings hold: the smallest that there are. */
const RING_SLOTS = 1;
const CHUNK_BYTES = 2048;

/** What a program's section name says of its type and `expected_attach_type`. */
const ATTACH_TYPES: ReadonlyMap<string, number> = new Map([
  ['xdp', ATTACH_TYPE.XDP],
  ['xdp/cpumap', ATTACH_TYPE.XDP_CPUMAP],
  ['xdp/devmap', ATTACH_TYPE.XDP_DEVMAP],
]);

type LoadProg = Extract<MapOperation, { op: 'load_prog' }>;

/** The machine that a map trace's operations are made on, as its header describes it. */
export class MapWorld {
  readonly system: System;
  readonly descriptors: Descriptors;

  constructor(
    { possibleCpus, nrCpus, devices, progs, sockets }: MapTraceHeader,
    kernel: KernelVersion,
  ) {
    const files = new FileTable(Descriptors.FILE_TABLE);
    this.system = new System({
      kernel,
      nrCpus: possibleCpus,
      configNrCpus: nrCpus,
      files,
      nowNs: () => 0,
      poolFrames: NO_FRAMES,
    });
    this.descriptors = new Descriptors(files);
    this.register(devices);
    for (const { id, progId, frags, ...program } of progs) {
      const loaded = this.system.addProgram({ ...program, name: id, id: progId, hasFrags: frags });
      this.descriptors.set(id, files.open({ kind: 'program', program: loaded }));
    }
    for (const { id, kind, device, queue } of sockets) {
      const socket =
        kind === 'xsk' ? this.#openXsk(id, device, queue) : { isXsk: false, name: id, address: 0 };
      this.descriptors.set(id, files.open({ kind: 'socket', socket }));
    }
  }

  register(devices: readonly DeviceDeclaration[]): void {
    for (const { name, ifindex, up } of devices) {
      this.system.addDevice({ ...BARE_DEVICE, name, ifindex, up });
    }
    for (const { ifindex, peer } of devices) {
      const ends = [ifindex, peer ?? 0].map((end) => this.system.devices.byIfindex(end));
      const [device, other] = ends;
      if (device !== undefined && other !== undefined) this.system.devices.linkPeer(device, other);
    }
  }

  /** The devices that left the namespace. */
  unregister(ifindex: number, isMove: boolean): readonly NetDevice[] {
    const device = this.system.devices.byIfindex(ifindex);
    if (device === undefined) return [];
    if (!isMove) return this.system.deleteDevice(device);
    this.system.removeDevice(device);
    return [device];
  }

  setUp(ifindex: number, up: boolean): void {
    const device = this.system.devices.byIfindex(ifindex);
    if (device !== undefined) this.system.devices.setUp(device, up);
  }

  /** BPF_PROG_LOAD: 0 or a negative errno. The verifier looks at the maps in the order of the code. */
  loadProgram({ prog, progId, attach, frags, maps: used }: LoadProg): number {
    const { bpf, files } = this.system;
    const maps = [];
    for (const symbol of used) {
      const file = files.map(this.descriptors.number(symbol));
      if (typeof file === 'number') return file;
      maps.push(file.map);
    }
    const program = this.system.addProgram({
      name: prog,
      id: progId,
      expectedAttachType: ATTACH_TYPES.get(attach) ?? 0,
      hasFrags: frags,
    });
    const refused = bpf.checkProgramMaps(program, maps);
    if (refused === 0) this.descriptors.set(prog, files.open({ kind: 'program', program }));
    return refused;
  }

  /** Closes what the symbol stands for; a socket leaves all maps with that. */
  close(symbol: string | number): void {
    const file = this.system.files.close(this.descriptors.number(symbol));
    if (file?.kind !== 'socket') return;
    const socket = this.system.sockets.byName(file.socket.name);
    if (socket !== undefined) this.system.closeSocket(socket);
  }

  #openXsk(name: string, ifindex: number | undefined, queue: number) {
    return this.system.addSocket({
      name,
      device: ifindex === undefined ? undefined : this.system.devices.byIfindex(ifindex),
      queue,
      rxRing: RING_SLOTS,
      txRing: RING_SLOTS,
      fillRing: RING_SLOTS,
      completionRing: RING_SLOTS,
      chunkSize: CHUNK_BYTES,
      chunks: 1,
      headroom: 0,
      fill: 0,
      application: 'manual',
      context: this.system.socketContext(),
    });
  }
}

/** Maps do not ask what a device can do, only whether it is there. */
const BARE_DEVICE = {
  mtu: 1500,
  ndoXdpXmit: true,
  ndoXdpXmitSg: true,
  rxSg: true,
  hasNdo: true,
  mode: 'native',
  rxContexts: [],
  rxSlots: RING_SLOTS,
  needsFlush: false,
  wires: 0,
  wireSlots: RING_SLOTS,
  xmitError: 0,
  xmitMaxLength: 0,
} as const;

/** No packet flows. */
const NO_FRAMES = { control: 1, receive: 1, cpumap: 1, socket: 1 };
