import type { Machine } from '../../machine/machine.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { MapName, ObjectNames } from './targets.js';

/** Names as `machine`'s scenario has them: of devices that are gone too. */
export function objectNamesOf(machine: Machine): ObjectNames {
  const { names, scenario } = machine;
  const devices = new Map(scenario.devices.map(({ ifindex, name }) => [ifindex, name]));
  const peers = new Map(scenario.devices.map(({ name, peer }) => [name, peer]));
  const maps = new Map(
    Object.entries(scenario.maps).map(([name, map]): [number, MapName] => {
      const entries = map.type === 'xskmap' ? map.entries : [];
      const sockets = new Map(entries.map(({ key, socket }) => [key, socket]));
      return [machine.map(name).id, { name, type: map.type, sockets }];
    }),
  );
  const programs = new Map<number, string>();
  return {
    device: (ifindex) => devices.get(ifindex) ?? names.device(ifindex),
    socket: names.socket,
    peer: (device) => peers.get(device),
    map: (id) => maps.get(id),
    // Asked for every frame.
    program: (id) => {
      const name = programs.get(id) ?? names.program(id);
      programs.set(id, name);
      return name;
    },
  };
}

/** Slots of the queue of a cpumap's entry for a CPU as the scenario has it, null where it has none. */
export function qsizesOf({ maps }: Scenario): (map: string, cpu: number) => number | null {
  const sizes = new Map(
    Object.entries(maps).flatMap(([name, map]) => {
      if (map.type !== 'cpumap') return [];
      return [[name, new Map(map.entries.map(({ key, qsize }) => [key, qsize]))] as const];
    }),
  );
  return (map, cpu) => sizes.get(map)?.get(cpu) ?? null;
}
