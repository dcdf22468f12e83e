import type { Hex } from './hex.js';
import type {
  CpumapDeclared,
  DevmapDeclared,
  KeylessMapDeclared,
  MapOfMapsDeclared,
  PerfEventArrayDeclared,
  PlainMapDeclared,
  ProgArrayDeclared,
  RingbufDeclared,
} from './schema/map.js';
import type {
  DeviceDeclared,
  NeighbourDeclared,
  ProgramDeclared,
  RouteDeclared,
  ScenarioDeclared,
  SocketDeclared,
  TrafficDeclared,
} from './schema/scenario.js';

/**
 * A resolved scenario: every default is filled in and every name leads somewhere. It is itself a valid document, with
 * nothing left to chance, so it can be kept in a report and run again.
 */
export interface Scenario
  extends Frozen<Pick<ScenarioDeclared, 'name' | 'kernel' | 'seed' | 'checked'>> {
  /** Possible CPUs, numbered from 0. */
  readonly cpus: number;
  readonly devices: readonly DeviceSpec[];
  readonly programs: Readonly<Record<string, ProgramSpec>>;
  readonly maps: Readonly<Record<string, MapSpec>>;
  readonly sockets: readonly SocketSpec[];
  readonly routes?: readonly RouteSpec[] | undefined;
  readonly neighbours?: readonly NeighbourSpec[] | undefined;
  readonly traffic: readonly TrafficSpec[];
}

export interface DeviceSpec
  extends Frozen<Omit<DeviceDeclared, 'ifindex' | 'cpus' | 'features' | 'ring' | 'drain' | 'rss'>> {
  readonly ifindex: number;
  /** CPU of each receive queue; as long as there are receive queues. */
  readonly cpus: readonly number[];
  readonly features: FeaturesSpec;
  /** Slots of each transmit ring. */
  readonly ring: number;
  readonly drain: 'flush' | 'always';
  readonly rss: RssSpec;
}

export interface FeaturesSpec {
  readonly ndoXdpXmit: boolean;
  readonly ndoXdpXmitSg: boolean;
  readonly rxSg: boolean;
}

export interface RssSpec {
  /** 40 bytes. */
  readonly key: Hex;
  /** Receive queue by the low bits of the hash; the length is a power of two. */
  readonly indirection: readonly number[];
}

export type ProgramSpec = Frozen<ProgramDeclared>;

export type MapSpec =
  | PlainMapSpec
  | KeylessMapSpec
  | Frozen<RingbufDeclared>
  | PerfEventArraySpec
  | ProgArraySpec
  | Frozen<MapOfMapsDeclared>
  | CpumapSpec
  | DevmapSpec
  | XskmapSpec;

export interface PlainMapSpec extends Frozen<Omit<PlainMapDeclared, 'entries'>> {
  /** Keys of `keySize` bytes, values of `valueSize`. */
  readonly entries: readonly { readonly key: Hex; readonly value: Hex }[];
}

export interface KeylessMapSpec extends Frozen<Omit<KeylessMapDeclared, 'entries'>> {
  /** Of `valueSize` bytes. */
  readonly entries: readonly { readonly value: Hex }[];
}

export interface PerfEventArraySpec extends Frozen<PerfEventArrayDeclared> {
  readonly maxEntries: number;
}

export interface ProgArraySpec extends Frozen<ProgArrayDeclared> {
  readonly maxEntries: number;
}

export interface CpumapSpec extends Frozen<CpumapDeclared> {
  readonly maxEntries: number;
}

export interface DevmapSpec extends Frozen<DevmapDeclared> {
  readonly maxEntries: number;
}

export interface XskmapSpec {
  readonly type: 'xskmap';
  readonly maxEntries: number;
  readonly entries: readonly { readonly key: number; readonly socket: string }[];
}

export interface SocketSpec extends Frozen<Omit<SocketDeclared, keyof UmemSpec>>, UmemSpec {}

export type RouteSpec = Frozen<RouteDeclared>;

export type NeighbourSpec = Frozen<NeighbourDeclared>;

/** What belongs to a UMEM and its two rings, and so to all the sockets that share it. */
export interface UmemSpec {
  /** Bytes of a chunk, and how many chunks there are. */
  readonly chunkSize: 2048 | 4096;
  readonly chunks: number;
  /** Bytes left free in a chunk, beside XDP_PACKET_HEADROOM. */
  readonly headroom: number;
  /** Chunks that the FILL ring holds at the start. */
  readonly fill: number;
  /** Addresses that the rings have room for. */
  readonly fillRing: number;
  readonly completionRing: number;
}

/** `'capture' in traffic` tells the two apart. */
export type TrafficSpec = CaptureTraffic | FlowTraffic;

export interface CaptureTraffic {
  readonly device: string;
  /** Path of a pcap or pcapng file, as the document has it: relative to the scenario file. */
  readonly capture: string;
  readonly loop: number;
}

export interface FlowTraffic extends Frozen<Pick<TrafficDeclared, 'frames'>> {
  readonly device: string;
  readonly flows: number;
  /** Frame lengths without FCS, bytes, which the frames go through in turn. */
  readonly length: readonly number[];
  readonly protocol: 'udp' | 'tcp';
  readonly ipVersion: 4 | 6;
  readonly stamps: boolean;
}

type Frozen<T> = T extends readonly (infer U)[]
  ? readonly Frozen<U>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;
