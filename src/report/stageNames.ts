import { programFunction } from '../scenario/programFunction.js';
import type { Scenario } from '../scenario/scenario.js';

/** Names of the stages of a machine as interfaces of a capture; those of programs as xdpdump has them. */

/** `cpumap/3`; where there are several cpumaps, by their names. */
export function cpumapPlace(map: string, key: number, { maps }: Pick<Scenario, 'maps'>): string {
  const all = Object.values(maps).filter(({ type }) => type === 'cpumap');
  return `${all.length > 1 ? map : 'cpumap'}/${key}`;
}

/** `devmap/eth1`: a device's bulk queue has one program at a time, whatever map it came with. */
export function devmapPlace(device: string): string {
  return `devmap/${device}`;
}

/** `eth0:prog()@fentry` and `...@fexit`. */
export function programInterfaces(place: string, program: string): readonly [string, string] {
  return [`${place}:${program}()@fentry`, `${place}:${program}()@fexit`];
}

/** The programs that the scenario attaches, in the order in which frames meet them. */
export function attachedPrograms(scenario: Scenario): readonly (readonly [string, string])[] {
  const { devices, maps } = scenario;
  const found: (readonly [place: string, program: string | undefined])[] = [
    ...devices.map(({ name, program }) => [name, program] as const),
    ...Object.entries(maps).flatMap(([map, spec]) => {
      if (spec.type === 'cpumap') {
        return spec.entries.map(
          ({ key, program }) => [cpumapPlace(map, key, scenario), program] as const,
        );
      }
      if (spec.type !== 'devmap' && spec.type !== 'devmap_hash') return [];
      return spec.entries.map(({ device, program }) => [devmapPlace(device), program] as const);
    }),
  ];
  return found.flatMap(([place, program]) =>
    program === undefined ? [] : [[place, programFunction(program, scenario)] as const],
  );
}
