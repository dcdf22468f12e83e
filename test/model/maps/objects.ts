import type { CreateAttributes, DeviceDeclaration } from '../mapTrace.js';

/** A loaded program. `progId` is what a lookup shows; it stays when the descriptor is closed. */
export interface Program {
  readonly kind: 'prog';
  readonly id: string;
  readonly progId: number;
  /** Section-name form of type and expected attach type: `xdp/cpumap`, `xdp/devmap`, `xdp`, `tc`, `socket`. */
  readonly attach: string;
  readonly frags: boolean;
}

export interface Socket {
  readonly kind: 'socket';
  readonly family: string;
}

/** Entries refer to the device, not to its index: another device with the same index is another device. */
export interface Device {
  readonly ifindex: number;
  readonly peer: number | undefined;
}

export interface CpuEntry {
  readonly qsize: number;
  readonly program: Program | undefined;
}

export interface DevEntry {
  readonly device: Device;
  readonly program: Program | undefined;
}

interface MapCommon {
  readonly attributes: CreateAttributes;
  frozen: boolean;
  /** `xdp_has_frags` of the first program that reached the compatibility check; never reset. */
  ownerFrags: boolean | undefined;
}
export interface CpuMap extends MapCommon {
  readonly type: 'cpumap';
  readonly slots: Map<number, CpuEntry>;
}
export interface DevMap extends MapCommon {
  readonly type: 'devmap';
  readonly slots: Map<number, DevEntry>;
}
export interface DevMapHash extends MapCommon {
  readonly type: 'devmap_hash';
  /** Most recently written first. */
  readonly entries: { readonly key: number; readonly entry: DevEntry }[];
}
export interface XskMap extends MapCommon {
  readonly type: 'xskmap';
  readonly slots: Map<number, Socket>;
}
export type BpfMap = CpuMap | DevMap | DevMapHash | XskMap;

/** What a map descriptor refers to. The access mode belongs to the descriptor, all else to the map. */
export interface MapFile {
  readonly kind: 'map';
  readonly map: BpfMap;
  readonly readable: boolean;
  readonly writable: boolean;
}

export interface OtherFile {
  readonly kind: 'file';
}

export type OpenFile = MapFile | Program | Socket | OtherFile;

export function deviceOf(declaration: DeviceDeclaration): Device {
  return { ifindex: declaration.ifindex, peer: declaration.peer };
}
