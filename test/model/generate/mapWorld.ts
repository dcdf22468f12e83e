/** What a generated document starts from, and what is there at any point of it. */

import type {
  CreateAttributes,
  Descriptor,
  DeviceDeclaration,
  ProgDeclaration,
  SocketDeclaration,
} from '../mapTrace.js';

function veth(name: string, ifindex: number): DeviceDeclaration[] {
  return [
    { ifindex, name, kind: 'veth', peer: ifindex + 1, up: true },
    { ifindex: ifindex + 1, name: `${name}p`, kind: 'veth', peer: ifindex, up: false },
  ];
}

/** Devices that come together. A document starts with the loopback device and the first two. */
export const DEVICE_GROUPS: readonly DeviceDeclaration[][] = [
  veth('v0', 2),
  veth('v1', 4),
  [{ ifindex: 6, name: 'br0', kind: 'bridge', up: true }],
  veth('v2', 7),
  [{ ifindex: 9, name: 'br1', kind: 'bridge', up: false }],
];

export const INITIAL_DEVICES: readonly DeviceDeclaration[] = [
  { ifindex: 1, name: 'lo', kind: 'loopback' },
  ...DEVICE_GROUPS.slice(0, 3).flat(),
];

const ATTACH_TYPES: Readonly<Record<string, number>> = {
  'xdp/cpumap': 35,
  'xdp/devmap': 33,
  xdp: 37,
};
const PROG_TYPES: Readonly<Record<string, string>> = { tc: 'sched_cls', socket: 'socket_filter' };

function prog(progId: number, id: string, attach: string, frags = false): ProgDeclaration {
  return {
    id,
    progId,
    type: PROG_TYPES[attach] ?? 'xdp',
    expectedAttachType: ATTACH_TYPES[attach] ?? 0,
    attach,
    frags,
    hasRedirectHelper: false,
  };
}

export const PROGS: readonly ProgDeclaration[] = [
  prog(101, 'p_cpumap', 'xdp/cpumap'),
  prog(102, 'p_cpumap_frags', 'xdp/cpumap', true),
  prog(103, 'p_devmap', 'xdp/devmap'),
  prog(104, 'p_devmap_frags', 'xdp/devmap', true),
  prog(105, 'p_xdp', 'xdp'),
  prog(106, 'p_tc', 'tc'),
  prog(107, 'p_sockfilter', 'socket'),
];

export const SOCKETS: readonly SocketDeclaration[] = [
  { id: 's0', kind: 'xsk', bound: true, device: 2, queue: 0 },
  { id: 's1', kind: 'xsk', bound: true, device: 4, queue: 0 },
  { id: 'n0', kind: 'xsk', bound: false },
  { id: 'u0', kind: 'udp' },
  { id: 't0', kind: 'tcp' },
  { id: 'x0', kind: 'unix' },
];

/** Descriptors that never are what the position wants. */
export const STRAYS: readonly Descriptor[] = [
  'badfd',
  'file',
  0,
  -1,
  -(2 ** 31),
  9999,
  2 ** 31 - 1,
];

/** What has been declared so far. Closed symbols stay: using one is allowed, and gives what `badfd` gives. */
export class MapWorld {
  /** Every map symbol so far, with the attributes of its map. */
  readonly maps: { readonly symbol: string; readonly attributes: CreateAttributes }[] = [];
  /** Map symbols that are open for certain. */
  readonly openMaps: { readonly symbol: string; readonly attributes: CreateAttributes }[] = [];
  readonly progs = PROGS.map(({ id }) => id);
  readonly openProgs = PROGS.map(({ id }) => id);
  readonly openSockets = SOCKETS.map(({ id }) => id);
  readonly devices = [...INITIAL_DEVICES];
  loaded = 0;

  nextMapSymbol(): string {
    return `m${this.maps.length}`;
  }

  descriptorsOfNoMap(): readonly Descriptor[] {
    return [...this.progs, ...SOCKETS.map(({ id }) => id), ...STRAYS];
  }

  descriptors(): readonly Descriptor[] {
    return [...this.descriptorsOfNoMap(), ...this.maps.map(({ symbol }) => symbol)];
  }
}
