import { Packet } from '../arena/layout.generated.js';
import { ERRNO } from '../maps/errno.js';
import type { Rss } from '../packet/rss.js';
import type { Scenario } from '../scenario/scenario.js';
import type { System } from './system.js';
import { rssOf } from './traffic.js';

const ETH_HLEN = 14;
const VLAN_HLEN = 4;

/** Where frames come in: it knows which receive queue of a device a frame arrives at. */
export class Injector {
  readonly #system: System;
  readonly #scenario: Scenario;
  /** Made when a device first receives: a hash table takes a millisecond. */
  readonly #rss = new Map<string, Rss>();

  constructor(system: System, scenario: Scenario) {
    this.#system = system;
    this.#scenario = scenario;
  }

  /** RSS of a device. */
  rss(device: string): Rss {
    let rss = this.#rss.get(device);
    if (rss === undefined) {
      rss = rssOf(this.#scenario.devices.find(({ name }) => name === device)!.rss);
      this.#rss.set(device, rss);
    }
    return rss;
  }

  /**
   * Puts a frame on a receive queue, by default the one that RSS chooses; its fates carry `tag`. False: there is no room
   * at the moment.
   *
   * @throws RangeError for a device or a queue that does not exist, or a frame that the device would not receive.
   */
  tryInject(name: string, frame: Uint8Array, queue: number | undefined, tag: number): boolean {
    const hash = this.#check(name, frame);
    const rxQueue = this.#rxQueue(name, queue ?? this.rss(name).queueOfHash(hash));
    const { arena, dp, control } = this.#system;
    const packet = arena.allocate(Packet.SIZE);
    const bytes = arena.allocate(frame.length);
    arena.u8.set(frame, bytes);
    arena.set(packet, Packet.head, bytes);
    arena.set(packet, Packet.headLength, frame.length);
    arena.set(packet, Packet.length, frame.length);
    arena.set(packet, Packet.hash, hash);
    const err = dp.injectFrame(control.address, rxQueue, packet, tag, 0);
    arena.free(bytes);
    arena.free(packet);
    return err !== -ERRNO.ENOMEM && err !== -ERRNO.ENOBUFS;
  }

  /** The frame's RSS hash, if the device would receive it. */
  #check(name: string, frame: Uint8Array): number {
    const device = this.#scenario.devices.find((spec) => spec.name === name);
    if (device === undefined) throw new RangeError(`the machine has no device ${name}`);
    const live = this.#system.devices.byName(name);
    const mtu = live === undefined ? device.mtu : this.#system.devices.mtuOf(live);
    const longest = mtu + ETH_HLEN + VLAN_HLEN;
    if (frame.length < ETH_HLEN || frame.length > longest) {
      throw new RangeError(
        `device ${name}: expected a frame of ${ETH_HLEN} to ${longest} bytes (its MTU is ${mtu}), found ${frame.length}`,
      );
    }
    return this.rss(name).hashOf(frame);
  }

  #rxQueue(name: string, index: number): number {
    const device = this.#system.devices.byName(name);
    if (device === undefined) throw new RangeError(`the machine has no device ${name} any more`);
    const rxQueue = device.rxQueues[index];
    if (rxQueue === undefined) {
      throw new RangeError(
        `device ${name}: receive queue ${index}: it has ${device.rxQueues.length}`,
      );
    }
    return rxQueue;
  }
}
