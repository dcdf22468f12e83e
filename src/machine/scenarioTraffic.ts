import { resolve } from 'node:path';
import type { Rss } from '../packet/rss.js';
import type { Scenario } from '../scenario/scenario.js';
import type { System } from './system.js';
import {
  createTraffic,
  freeTraffic,
  isTrafficOver,
  lastStampOf,
  stampedFlowsOf,
  startTraffic,
  stopTraffic,
  type TrafficSource,
} from './traffic.js';

interface ScenarioTrafficOptions {
  /** What paths of captures are relative to. */
  readonly folder: string;
  /** Frames over all of the traffic; as each part of it says where undefined. */
  readonly frames: number | undefined;
  /** The last stamp of any flow so far. */
  readonly lastStamp: number;
  readonly rss: (device: string) => Rss;
}

/** All of a scenario's traffic, for one run. */
export class ScenarioTraffic {
  readonly #system: System;
  readonly #sources: TrafficSource[] = [];

  /** Throws CaptureError, TrafficError; nothing is left in the arena then. */
  constructor(
    system: System,
    { traffic, seed }: Scenario,
    { folder, frames, lastStamp, rss }: ScenarioTrafficOptions,
  ) {
    this.#system = system;
    let firstFlow = 0;
    try {
      traffic.forEach((spec, index) => {
        const device = system.devices.byName(spec.device);
        if (device === undefined) throw new RangeError(`the machine has no device ${spec.device}`);
        const located =
          'capture' in spec ? { ...spec, capture: resolve(folder, spec.capture) } : spec;
        const source = createTraffic(system, device, located, rss(spec.device), {
          seed: seed + index,
          frames: frames === undefined ? undefined : shareOf(frames, traffic.length, index),
          firstFlow,
          lastStamp,
        });
        this.#sources.push(source);
        firstFlow += stampedFlowsOf(spec);
      });
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** Lets it in. */
  start(): void {
    for (const source of this.#sources) startTraffic(this.#system, source);
  }

  /** Every frame of it has been received, or will never be. */
  get isOver(): boolean {
    return this.#sources.every((source) => isTrafficOver(this.#system, source));
  }

  stop(): void {
    for (const source of this.#sources) stopTraffic(this.#system, source);
  }

  /** The highest stamp that it gave to any flow, 0 where it gave none; to be read once it is stopped. */
  get lastStamp(): number {
    return Math.max(0, ...this.#sources.map((source) => lastStampOf(this.#system, source)));
  }

  /** Gives the memory of stopped traffic back. */
  free(): void {
    for (const source of this.#sources) freeTraffic(this.#system, source);
  }
}

/** What does not divide evenly goes to the first. */
function shareOf(frames: number, parts: number, index: number): number {
  return Math.floor(frames / parts) + (index < frames % parts ? 1 : 0);
}
