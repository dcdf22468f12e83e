import type { Scenario } from '../scenario/scenario.js';

/** How many workers a scenario's machine starts with; later updates of a cpumap may add some. */
export function workersNeeded({ devices, maps, sockets }: Scenario): number {
  const receive = new Set(devices.flatMap(({ cpus }) => cpus));
  const kthreads = new Set(
    Object.values(maps).flatMap((map) =>
      map.type === 'cpumap' ? map.entries.map(({ key }) => key) : [],
    ),
  );
  const wires = devices.some(({ kind }) => kind === 'nic') ? 1 : 0;
  return receive.size + kthreads.size + wires + (sockets.length > 0 ? 1 : 0);
}
