import type { NetDevice } from './devices.js';
import type { System } from './system.js';
import type { XdpAttachment } from './xdpAttachment.js';

/** A device of a running machine. */
export class DeviceHandle {
  readonly name: string;
  readonly ifindex: number;
  readonly #system: System;
  readonly #device: NetDevice;
  readonly #attachment: XdpAttachment;

  constructor(system: System, device: NetDevice, attachment: XdpAttachment) {
    this.name = device.name;
    this.ifindex = device.ifindex;
    this.#system = system;
    this.#device = device;
    this.#attachment = attachment;
  }

  /** `ip link set up` */
  up(): void {
    this.#system.devices.setUp(this.#device, true);
  }

  /** `ip link set down` */
  down(): void {
    this.#system.devices.setUp(this.#device, false);
  }

  /** `ip link set mtu`. Throws BpfError where an attached program stands in the way. */
  setMtu(mtu: number): void {
    this.#attachment.setMtu(this.#device, mtu);
  }

  /**
   * Attaches a program of the scenario in native mode, in place of the one before. Throws BpfError as the driver refuses
   * it: a program without frags on an MTU that needs them.
   */
  attach(program: string): void {
    this.#attachment.attach(this.#device, program);
  }

  /** Detaches the program: frames go to the stack. */
  detach(): void {
    this.#attachment.detach(this.#device);
  }

  /** `ip link del`: its entries in all maps vanish; a veth takes its peer along. */
  remove(): void {
    this.#system.deleteDevice(this.#device);
  }

  /** Stalls or releases its far end, as a peer that does not read. */
  stall(stalled: boolean): void {
    this.#system.stallWires(this.#device, stalled);
  }
}
