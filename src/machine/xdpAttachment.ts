import { BpfError, ERRNO } from '../maps/errno.js';
import type { DeviceSpec } from '../scenario/scenario.js';
import type { NetDevice } from './devices.js';
import type { LoadedProgram } from './loadedProgram.js';
import type { System } from './system.js';

/** SKB_WITH_OVERHEAD(PAGE_SIZE - XDP_PACKET_HEADROOM) - ETH_HLEN: what a driver's page has room for. */
const LINEAR_MTU = 4096 - 256 - 320 - 14;
/** MAX_SKB_FRAGS pages more. */
const FRAGS_MTU = LINEAR_MTU + 17 * 4096;
const ETH_MAX_MTU = 65535;

/** A refusal of the driver, with its text (`extack`). */
interface Refusal {
  readonly errno: number;
  readonly text: string;
}

/** Attaching programs in native mode, as `ip link set xdpdrv` does: drivers hold programs against MTUs. */
export class XdpAttachment {
  readonly #system: System;
  readonly #specs: ReadonlyMap<string, DeviceSpec>;
  readonly #programs: ReadonlyMap<string, LoadedProgram>;
  readonly #attached = new Map<NetDevice, LoadedProgram>();

  constructor(
    system: System,
    specs: readonly DeviceSpec[],
    programs: ReadonlyMap<string, LoadedProgram>,
  ) {
    this.#system = system;
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
    this.#programs = programs;
  }

  /**
   * Attaches a program in place of the one before.
   *
   * @throws BpfError as the driver refuses it; RangeError for a program that there is none of.
   */
  attach(device: NetDevice, name: string): void {
    this.attachFirst(device, name, `device ${device.name}`);
    this.#tellPeer(device, true);
  }

  /** The same as a scenario has it, which also says what the peer can do. `where`: its place there, for errors. */
  attachFirst(device: NetDevice, name: string, where: string): void {
    const loaded = this.#programs.get(name);
    if (loaded === undefined) throw new RangeError(`the machine has no program ${name}`);
    const refusal = this.#refusal(device, loaded);
    if (refusal !== undefined) throw netlinkError(refusal, where);
    this.#system.devices.setProgram(device, loaded.program.address);
    this.#attached.set(device, loaded);
  }

  detach(device: NetDevice): void {
    this.#system.devices.setProgram(device, 0);
    this.#attached.delete(device);
    this.#tellPeer(device, this.#spec(device).gro);
  }

  /** @throws BpfError where an attached program stands in the way, RangeError for an MTU that no device takes. */
  setMtu(device: NetDevice, mtu: number): void {
    const most = this.#maxMtu(device);
    if (mtu > most) {
      const text = `mtu greater than device maximum (${most}, for a program without frags)`;
      throw netlinkError({ errno: ERRNO.EINVAL, text }, `device ${device.name}: ${mtu}`);
    }
    this.#system.devices.setMtu(device, mtu);
  }

  #spec({ name }: NetDevice): DeviceSpec {
    return this.#specs.get(name)!;
  }

  #refusal(device: NetDevice, { program }: LoadedProgram): Refusal | undefined {
    const { devices } = this.#system;
    const { kind, mode, features } = this.#spec(device);
    if (mode === 'test-run') return undefined;
    if (kind === 'veth') {
      // drivers/net/veth.c:veth_xdp_set
      const peer = devices.peerOf(device);
      const mtu = peer === undefined ? 0 : devices.mtuOf(peer);
      const most = program.hasFrags ? FRAGS_MTU : LINEAR_MTU;
      if (mtu <= most) return undefined;
      const text = `Peer MTU is too large to set XDP: expected at most ${most} for a program ${program.hasFrags ? 'with' : 'without'} frags, found ${mtu}`;
      return { errno: ERRNO.ERANGE, text };
    }
    if (kind !== 'nic') return undefined;
    // drivers/net/virtio_net.c:virtnet_xdp_set
    const mtu = devices.mtuOf(device);
    if (mtu <= LINEAR_MTU || (program.hasFrags && features.rxSg)) return undefined;
    const text = `MTU too large to enable XDP without frags: expected at most ${LINEAR_MTU}, found ${mtu}`;
    return { errno: ERRNO.EINVAL, text };
  }

  /** `net_device.max_mtu` while programs are attached. */
  #maxMtu(device: NetDevice): number {
    const { kind, mode, features } = this.#spec(device);
    // Of a veth it is the peer's program: that receives what this end sends.
    const peer = this.#system.devices.peerOf(device);
    const receiver = kind === 'veth' ? peer : device;
    const loaded = receiver && this.#attached.get(receiver);
    if (loaded === undefined || mode === 'test-run' || !['veth', 'nic'].includes(kind)) {
      return ETH_MAX_MTU;
    }
    const takesFrags = loaded.program.hasFrags && (kind === 'veth' || features.rxSg);
    return takesFrags ? ETH_MAX_MTU : LINEAR_MTU;
  }

  /** A veth can transmit redirected frames while the other end's NAPI runs: for a program, or for GRO. */
  #tellPeer(device: NetDevice, canReceive: boolean): void {
    const { devices, kernel } = this.#system;
    const peer = devices.peerOf(device);
    if (peer === undefined) return;
    devices.setCanTransmit(peer, canReceive);
    // Before 6.3 only its ndo_xdp_xmit knew.
    if (kernel.version < 603 && this.#spec(peer).xmitError === undefined) {
      devices.setXmitError(peer, canReceive ? 0 : ERRNO.ENXIO);
    }
  }
}

function netlinkError({ errno, text }: Refusal, where: string): BpfError {
  return new BpfError(errno, 'RTM_SETLINK', `${where}: ${text}`);
}
