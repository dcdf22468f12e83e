import { programFunction } from '../scenario/programFunction.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Assembly } from './assemble.js';

/** Names of what records have numbers of; one that is not known reads as `map 7`. */
export interface RecordNames {
  device(ifindex: number): string;
  map(id: number): string;
  /** Of an eBPF object's program, its function. */
  program(id: number): string;
  socket(id: number): string;
}

export function recordNames(
  { system, names, maps, programs }: Assembly,
  scenario: Scenario,
): RecordNames {
  const functions = new Map(
    [...programs].map(([name, { program }]) => [program.id, programFunction(name, scenario)]),
  );
  const deviceNames = new Map(scenario.devices.map(({ ifindex, name }) => [ifindex, name]));
  const mapNames = new Map([...maps.values()].map(({ id, name }) => [id, name]));
  return {
    // Of a device that is gone, too.
    device: (ifindex) => deviceNames.get(ifindex) ?? names.deviceName(ifindex),
    map: (id) => mapNames.get(id) ?? `map ${id}`,
    program: (id) => functions.get(id) ?? `program ${id}`,
    socket: (id) => system.sockets.byId(id)?.name ?? `socket ${id}`,
  };
}
