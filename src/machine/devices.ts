import { Device, Feature, FrameQueue, IFF_UP, RxMode, RxQueue } from '../arena/layout.generated.js';
import type { ContextHandle, Kernel } from './kernel.js';

/** A network device to be made; all of it resolved. */
export interface DeviceSpec {
  readonly name: string;
  readonly ifindex: number;
  /** Its address; 02:00:00:00:00:00 with the ifindex at its end by default. */
  readonly mac?: Uint8Array;
  readonly up: boolean;
  readonly mtu: number;
  readonly ndoXdpXmit: boolean;
  readonly ndoXdpXmitSg: boolean;
  readonly rxSg: boolean;
  /** Its driver has an ndo_xdp_xmit at all, whatever the feature bits say now. */
  readonly hasNdo: boolean;
  readonly mode: 'native' | 'test-run';
  /** The context of each receive queue. */
  readonly rxContexts: readonly ContextHandle[];
  /** Slots of each receive queue's ring. */
  readonly rxSlots: number;
  /** Frames that come without XDP_XMIT_FLUSH wait, on the receive queues and the wires. */
  readonly needsFlush: boolean;
  /** Where the device's frames leave the machine; none where its peer receives them. */
  readonly wires: number;
  readonly wireSlots: number;
  readonly wireContext?: ContextHandle;
  /** Positive errno of every `ndo_xdp_xmit`, 0 for none. */
  readonly xmitError: number;
  /** Longest frame that `ndo_xdp_xmit` takes, 0 for any. */
  readonly xmitMaxLength: number;
}

export interface NetDevice {
  readonly name: string;
  readonly ifindex: number;
  readonly address: number;
  readonly rxQueues: readonly number[];
  readonly wires: readonly number[];
}

/** ETH_MIN_MTU and ETH_MAX_MTU. */
const MTU_MIN = 68;
const MTU_MAX = 65535;

/** The devices of one machine. */
export class Devices {
  readonly #kernel: Kernel;
  readonly #byName = new Map<string, NetDevice>();
  readonly #peers = new Map<NetDevice, NetDevice>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  [Symbol.iterator](): Iterator<NetDevice> {
    return this.#byName.values();
  }

  byName(name: string): NetDevice | undefined {
    return this.#byName.get(name);
  }

  byIfindex(ifindex: number): NetDevice | undefined {
    for (const device of this) if (device.ifindex === ifindex) return device;
    return undefined;
  }

  /** Makes and registers a device. `linkPeer` later connects a veth pair. */
  add(spec: DeviceSpec): NetDevice {
    const { arena, dp } = this.#kernel;
    const nrXmitQueues = Math.max(spec.wires, spec.rxContexts.length);
    const address = arena.allocate(dp.deviceBytes(spec.rxContexts.length, nrXmitQueues));
    dp.deviceInit(address, spec.ifindex, spec.rxContexts.length, nrXmitQueues);
    // Plain: nobody knows the device yet.
    arena.u8.set(spec.mac ?? defaultMac(spec.ifindex), address + Device.mac.offset);
    arena.set(address, Device.flags, spec.up ? IFF_UP : 0);
    arena.set(address, Device.mtu, spec.mtu);
    arena.set(address, Device.hasNdo, spec.hasNdo ? 1 : 0);
    arena.set(address, Device.features, featureBits(spec));
    arena.set(address, Device.rxSg, spec.rxSg ? 1 : 0);
    arena.set(address, Device.xmitError, -spec.xmitError);
    arena.set(address, Device.xmitMaxLength, spec.xmitMaxLength);
    const device: NetDevice = {
      name: spec.name,
      ifindex: spec.ifindex,
      address,
      rxQueues: spec.rxContexts.map((context, index) =>
        this.#addRxQueue(address, spec, context, index),
      ),
      wires: Array.from({ length: spec.wires }, (_, index) => this.#addWire(address, spec, index)),
    };
    this.#setXmitQueues(device, device.wires);
    this.#byName.set(spec.name, device);
    dp.deviceRegister(address);
    return device;
  }

  #addRxQueue(device: number, spec: DeviceSpec, context: ContextHandle, index: number): number {
    const { arena, dp } = this.#kernel;
    const queue = arena.allocate(dp.rxQueueBytes(spec.rxSlots));
    dp.rxQueueInit(queue, spec.rxSlots);
    this.#initQueue(queue, device, spec, context, index);
    arena.set(queue, RxQueue.mode, spec.mode === 'native' ? RxMode.NATIVE : RxMode.TEST_RUN);
    arena.setU32(arena.get(device, Device.rxQueues) + 4 * index, queue);
    this.#kernel.addRxQueue(context, queue);
    return queue;
  }

  #addWire(device: number, spec: DeviceSpec, index: number): number {
    const { arena, dp } = this.#kernel;
    const context = spec.wireContext;
    if (context === undefined)
      throw new TypeError(`device ${spec.name}: wires need a device context`);
    const wire = arena.allocate(dp.wireQueueBytes(spec.wireSlots));
    dp.wireQueueInit(wire, spec.wireSlots);
    this.#initQueue(wire, device, spec, context, index);
    this.#kernel.addWire(context, wire);
    return wire;
  }

  #initQueue(
    queue: number,
    device: number,
    spec: DeviceSpec,
    context: ContextHandle,
    index: number,
  ): void {
    const { arena } = this.#kernel;
    arena.set(queue, FrameQueue.device, device);
    arena.set(queue, FrameQueue.consumer, context.address);
    arena.set(queue, FrameQueue.index, index);
    arena.set(queue, FrameQueue.needsFlush, spec.needsFlush ? 1 : 0);
  }

  #setXmitQueues(device: NetDevice, queues: readonly number[]): void {
    const { arena } = this.#kernel;
    const table = arena.get(device.address, Device.xmitQueues);
    queues.forEach((queue, index) => {
      arena.setU32(table + 4 * index, queue);
    });
    arena.set(device.address, Device.nrXmitQueues, queues.length);
  }

  /** What `device` transmits arrives at the receive queues of `peer`; both have as many queues. */
  linkPeer(device: NetDevice, peer: NetDevice): void {
    this.#peers.set(device, peer);
    this.#setXmitQueues(device, peer.rxQueues);
  }

  /** The other end of a veth pair, while it is here. */
  peerOf(device: NetDevice): NetDevice | undefined {
    const peer = this.#peers.get(device);
    return peer !== undefined && this.#byName.get(peer.name) === peer ? peer : undefined;
  }

  /** The device leaves: its entries in maps are the caller's to take out. */
  unregister(device: NetDevice): void {
    const { arena, dp } = this.#kernel;
    dp.deviceUnregister(device.address);
    arena.storeShared(device.address, Device.flags, 0);
    this.#byName.delete(device.name);
  }

  setUp(device: NetDevice, up: boolean): void {
    this.#kernel.arena.storeShared(device.address, Device.flags, up ? IFF_UP : 0);
  }

  mtuOf(device: NetDevice): number {
    return this.#kernel.arena.loadShared(device.address, Device.mtu);
  }

  /** @throws RangeError for an MTU that no device takes. */
  setMtu(device: NetDevice, mtu: number): void {
    if (!Number.isInteger(mtu) || mtu < MTU_MIN || mtu > MTU_MAX) {
      throw new RangeError(
        `device ${device.name}: expected an MTU from ${MTU_MIN} to ${MTU_MAX}, found ${mtu}`,
      );
    }
    this.#kernel.arena.storeShared(device.address, Device.mtu, mtu);
  }

  /** The native program (a `BpfProg` address, 0 for none); returns the one before. */
  setProgram(device: NetDevice, program: number): number {
    return this.#kernel.arena.exchangeShared(device.address, Device.prog, program);
  }

  /** A veth can transmit while its peer can receive (drivers/net/veth.c:veth_set_xdp_features). */
  setCanTransmit(device: NetDevice, can: boolean): void {
    const bits = can ? Feature.NDO_XMIT | Feature.NDO_XMIT_SG : 0;
    this.#kernel.arena.storeShared(device.address, Device.features, bits);
  }

  /** Every `ndo_xdp_xmit` fails with this errno; 0 for none. */
  setXmitError(device: NetDevice, errno: number): void {
    this.#kernel.arena.storeShared(device.address, Device.xmitError, -errno);
  }
}

function featureBits({ ndoXdpXmit, ndoXdpXmitSg }: DeviceSpec): number {
  return (ndoXdpXmit ? Feature.NDO_XMIT : 0) | (ndoXdpXmitSg ? Feature.NDO_XMIT_SG : 0);
}

/** A locally administered address. */
function defaultMac(ifindex: number): Uint8Array {
  return Uint8Array.of(2, 0, ifindex >>> 24, ifindex >>> 16, ifindex >>> 8, ifindex);
}
