import type {
  EntryProgram,
  RedirectDocument,
  RedirectMap,
  RedirectMapEntry,
} from '../redirectTrace.js';
import { NetDevice } from './device.js';
import { Inbox } from './inbox.js';
import { liveEntries, type MapEntry, type XdpMap } from './maps.js';
import { PtrRing } from './ptrRing.js';
import { XdpSock, XskBuffPool } from './socket.js';

/** The things of the document that programs can reach. */
export interface Machine {
  readonly devices: ReadonlyMap<string, NetDevice>;
  readonly maps: ReadonlyMap<string, XdpMap>;
  readonly sockets: readonly XdpSock[];
}

/** What the document's references must resolve to. */
function defined<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new RangeError(`${what}: not in the document`);
  return value;
}

function buildSockets(document: RedirectDocument): XdpSock[] {
  const pools = new Map(
    document.sockets
      .filter((socket) => socket.sharedWith === null)
      .map((socket) => [socket.id, new XskBuffPool(socket.posted)]),
  );
  return document.sockets.map((socket) => {
    const owner = socket.sharedWith ?? socket.id;
    return new XdpSock(socket, defined(pools.get(owner), `socket ${owner}`));
  });
}

export function buildMachine(document: RedirectDocument): Machine {
  const devices = new Map(document.devices.map((device) => [device.name, new NetDevice(device)]));
  const sockets = buildSockets(document);
  const programs = new Map(document.programs.map((program) => [program.id, program]));

  const programOf = ({ prog }: RedirectMapEntry): EntryProgram | undefined =>
    prog == null ? undefined : defined(programs.get(prog), `program ${prog}`);

  const buildEntry = (map: RedirectMap, entry: RedirectMapEntry): MapEntry => {
    switch (map.type) {
      case 'cpumap':
        return {
          kind: 'cpu',
          mapId: map.id,
          cpu: entry.key,
          program: programOf(entry),
          ring: new PtrRing(entry.qsize ?? 0),
          delivered: new Inbox(),
        };
      case 'xskmap':
        return defined(
          sockets.find((socket) => socket.id === entry.socket),
          `socket ${entry.socket}`,
        );
      default:
        return {
          kind: 'dev',
          device: defined(devices.get(entry.device ?? ''), `device ${entry.device}`),
          program: programOf(entry),
        };
    }
  };

  const maps = document.maps.map((map): XdpMap => {
    const entries = liveEntries(map).map((entry) => [entry.key, buildEntry(map, entry)] as const);
    // `buildEntry` makes entries of the map's own kind.
    return { id: map.id, type: map.type, entries: new Map(entries) } as XdpMap;
  });
  return { devices, maps: new Map(maps.map((map) => [map.id, map])), sockets };
}
