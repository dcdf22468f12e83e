import type { NetDevice } from './devices.js';
import type { System } from './system.js';

/** A device of a running machine. */
export class DeviceHandle {
  readonly name: string;
  readonly ifindex: number;
  readonly #system: System;
  readonly #device: NetDevice;
  readonly #programAddress: (name: string) => number;

  constructor(system: System, device: NetDevice, programAddress: (name: string) => number) {
    this.name = device.name;
    this.ifindex = device.ifindex;
    this.#system = system;
    this.#device = device;
    this.#programAddress = programAddress;
  }

  /** `ip link set up` */
  up(): void {
    this.#system.devices.setUp(this.#device, true);
  }

  /** `ip link set down` */
  down(): void {
    this.#system.devices.setUp(this.#device, false);
  }

  /** `ip link set mtu` */
  setMtu(mtu: number): void {
    this.#system.devices.setMtu(this.#device, mtu);
  }

  /** Attaches a program of the scenario in native mode, in place of the one before. */
  attach(program: string): void {
    this.#system.devices.setProgram(this.#device, this.#programAddress(program));
  }

  /** Detaches the program: frames go to the stack. */
  detach(): void {
    this.#system.devices.setProgram(this.#device, 0);
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
