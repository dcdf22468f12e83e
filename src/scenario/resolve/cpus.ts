import type { ScenarioDeclared } from '../schema/scenario.js';
import type { Checks } from './checks.js';

/** CONFIG_NR_CPUS of the emulated machine. */
const NR_CPUS = 256;

/** Possible CPUs: as declared, or as many as the receive queues and the keys of cpumaps name. */
export function resolveCpuCount({ cpus, devices, maps }: ScenarioDeclared): number {
  if (cpus !== undefined) return cpus;
  let count = 1;
  for (const device of devices) {
    const used = device.cpus ?? [device.rxQueues - 1];
    count = Math.max(count, ...used.map((cpu) => cpu + 1));
  }
  for (const map of Object.values(maps)) {
    if (map.type !== 'cpumap') continue;
    for (const { key } of map.entries) {
      // A larger key names no CPU that could be: the map will refuse it.
      if (key < NR_CPUS) count = Math.max(count, key + 1);
    }
  }
  return count;
}

/** The CPU of each receive queue of `devices[index]`. */
export function resolveAffinity(
  { devices }: ScenarioDeclared,
  index: number,
  cpuCount: number,
  checks: Checks,
): readonly number[] {
  const { cpus, rxQueues } = devices[index]!;
  if (cpus === undefined) return Array.from({ length: rxQueues }, (_, queue) => queue % cpuCount);
  const path = ['devices', index, 'cpus'];
  if (cpus.length !== rxQueues) {
    checks.report(path, `${rxQueues} CPUs, one for each receive queue`, `${cpus.length}`);
  }
  for (const [queue, cpu] of cpus.entries()) {
    if (cpu >= cpuCount) checks.report([...path, queue], `a CPU below ${cpuCount}`, `${cpu}`);
  }
  return cpus;
}
