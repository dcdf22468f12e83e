import { resolve } from 'node:path';
import type { Rss } from '../packet/rss.js';
import type { Scenario } from '../scenario/scenario.js';
import type { System } from './system.js';
import { createTraffic, stampedFlowsOf, type TrafficSource } from './traffic.js';

interface ScenarioTrafficOptions {
  /** What paths of captures are relative to. */
  readonly folder: string;
  /** Frames over all of the traffic; as each part of it says where undefined. */
  readonly frames: number | undefined;
  /** The last stamp of any flow so far. */
  readonly lastStamp: number;
  readonly rss: (device: string) => Rss;
}

/** Sources for all of a scenario's traffic, which is not let in yet. */
export function createScenarioTraffic(
  system: System,
  { traffic, seed }: Scenario,
  { folder, frames, lastStamp, rss }: ScenarioTrafficOptions,
): TrafficSource[] {
  let firstFlow = 0;
  return traffic.map((spec, index) => {
    const device = system.devices.byName(spec.device)!;
    const located = 'capture' in spec ? { ...spec, capture: resolve(folder, spec.capture) } : spec;
    const source = createTraffic(system, device, located, rss(spec.device), {
      seed: seed + index,
      frames: frames === undefined ? undefined : shareOf(frames, traffic.length, index),
      firstFlow,
      lastStamp,
    });
    firstFlow += stampedFlowsOf(spec);
    return source;
  });
}

/** What does not divide evenly goes to the first. */
function shareOf(frames: number, parts: number, index: number): number {
  return Math.floor(frames / parts) + (index < frames % parts ? 1 : 0);
}
