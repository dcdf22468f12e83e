import type { Machine } from '../../machine/machine.js';
import type { RecordNames } from '../../machine/recordNames.js';

/** A map of the machine, as far as redirects speak of it. */
export interface RedirectMap {
  readonly name: string;
  readonly type: string;
  /** Names of sockets by key, of an xskmap. */
  readonly sockets: ReadonlyMap<number, string>;
}

/** The machine's objects by the numbers that events have. */
export interface ObjectNames extends RecordNames {
  /** The other end of a veth pair, undefined for other devices. */
  peer(device: string): string | undefined;
  redirectMap(id: number): RedirectMap | undefined;
}

export function objectNamesOf(machine: Machine): ObjectNames {
  const { devices, maps } = machine.scenario;
  const peers = new Map(devices.map(({ name, peer }) => [name, peer]));
  const redirectMaps = new Map(
    Object.entries(maps).map(([name, map]): [number, RedirectMap] => {
      const entries = map.type === 'xskmap' ? map.entries : [];
      const sockets = new Map(entries.map(({ key, socket }) => [key, socket]));
      return [machine.map(name).id, { name, type: map.type, sockets }];
    }),
  );
  return {
    ...machine.names,
    peer: (device) => peers.get(device),
    redirectMap: (id) => redirectMaps.get(id),
  };
}
