import type { EntryProgram, RedirectMap, RedirectMapEntry } from '../redirectTrace.js';
import type { Frame } from './context.js';
import type { NetDevice } from './device.js';
import type { Inbox } from './inbox.js';
import type { PtrRing } from './ptrRing.js';
import type { XdpSock } from './socket.js';

/** `struct bpf_cpu_map_entry` */
export interface CpuMapEntry {
  readonly kind: 'cpu';
  readonly mapId: string;
  readonly cpu: number;
  readonly program: EntryProgram | undefined;
  readonly ring: PtrRing<Frame>;
  /** What its kthread took from the ring. */
  readonly delivered: Inbox;
}

/** `struct bpf_dtab_netdev` */
export interface DevMapEntry {
  readonly kind: 'dev';
  readonly device: NetDevice;
  readonly program: EntryProgram | undefined;
}

export type MapEntry = CpuMapEntry | DevMapEntry | XdpSock;

interface MapOf<Type, Entry> {
  readonly id: string;
  readonly type: Type;
  /** In the order of a walk over the map. */
  readonly entries: ReadonlyMap<number, Entry>;
}
export type DevMap = MapOf<'devmap' | 'devmap_hash', DevMapEntry>;
export type XdpMap = MapOf<'cpumap', CpuMapEntry> | DevMap | MapOf<'xskmap', XdpSock>;

/** Buckets in rising order, in a bucket the most recently inserted first. */
function hashOrder(map: RedirectMap, entries: RedirectMapEntry[]): RedirectMapEntry[] {
  const buckets = 2 ** Math.ceil(Math.log2(map.maxEntries));
  return entries.reverse().sort((a, b) => (a.key % buckets) - (b.key % buckets));
}

/** The entries that the insertions leave, in the order of a walk over the map. */
export function liveEntries(map: RedirectMap): readonly RedirectMapEntry[] {
  const last = map.entries.filter(
    (entry, i) => !map.entries.slice(i + 1).some((later) => later.key === entry.key),
  );
  return map.type === 'devmap_hash' ? hashOrder(map, last) : last.sort((a, b) => a.key - b.key);
}
