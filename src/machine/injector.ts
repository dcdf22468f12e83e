import { Context, Packet, RxQueue } from '../arena/layout.generated.js';
import { ERRNO } from '../maps/errno.js';
import type { Rss } from '../packet/rss.js';
import { show } from '../scenario/error.js';
import type { Scenario } from '../scenario/scenario.js';
import type { System } from './system.js';
import { rssOf } from './traffic.js';

const ETH_HLEN = 14;
const VLAN_HLEN = 4;

/** A frame that a device would receive. */
export interface PreparedFrame {
  readonly frame: Uint8Array;
  readonly hash: number;
  readonly rxQueue: number;
}

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
   * Where each of the frames would arrive: at `queue`, by default the queue that RSS chooses.
   *
   * @throws TypeError, RangeError for a device or a queue that does not exist, or a frame that the device would not receive.
   */
  prepare(name: string, frames: readonly Uint8Array[], queue?: number): PreparedFrame[] {
    if (!Array.isArray(frames)) {
      throw new TypeError(`device ${name}: expected an array of frames, found ${show(frames)}`);
    }
    return frames.map((frame, index) => {
      const hash = this.#check(name, frame, index);
      return {
        frame,
        hash,
        rxQueue: this.#rxQueue(name, queue ?? this.rss(name).queueOfHash(hash)),
      };
    });
  }

  /** Puts a frame on its receive queue; its fates carry `tag`. False: there is no room at the moment. */
  tryInject({ frame, hash, rxQueue }: PreparedFrame, tag: number): boolean {
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

  /** The CPU whose receive worker is dead, though one of the frames is for it; undefined where all are alive. */
  deadCpuOf(frames: readonly PreparedFrame[]): number | undefined {
    const { arena, kernel } = this.#system;
    for (const { rxQueue } of frames) {
      const consumer = arena.get(rxQueue, RxQueue.consumer);
      if (arena.loadShared(consumer, Context.dead) === 0) continue;
      return kernel.contexts.find(({ address }) => address === consumer)!.cpu;
    }
    return undefined;
  }

  /** The frame's RSS hash, if the device would receive it. */
  #check(name: string, frame: Uint8Array, index: number): number {
    if (!(frame instanceof Uint8Array)) {
      throw new TypeError(
        `device ${name}: expected an array of frames, each a Uint8Array, found ${show(frame)} at index ${index}`,
      );
    }
    const device = this.#scenario.devices.find((spec) => spec.name === name);
    if (device === undefined) throw new RangeError(`the machine has no device ${name}`);
    const live = this.#system.devices.byName(name);
    const mtu = live === undefined ? device.mtu : this.#system.devices.mtuOf(live);
    const longest = mtu + ETH_HLEN + VLAN_HLEN;
    if (frame.length < ETH_HLEN || frame.length > longest) {
      throw new RangeError(
        `device ${name}: frame ${index}: expected ${ETH_HLEN} to ${longest} bytes (its MTU is ${mtu}), found ${frame.length}`,
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
