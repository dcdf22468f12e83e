import { type DeviceRef, type MapRef, NO_MAP } from '../redirectTrace.js';
import { type U64, u64 } from '../u64.js';
import { XDP_REDIRECT } from './action.js';
import type { DevMap, MapEntry, XdpMap } from './maps.js';

/** The low two bits of the flags are the action for a failed lookup. */
const ACTION_MASK = 3n;
export const BPF_F_BROADCAST = 8n;
export const BPF_F_EXCLUDE_INGRESS = 16n;

/** `struct bpf_redirect_info`: what the helpers leave for `xdp_do_redirect`. */
export interface RedirectInfo {
  /** Key or interface index. A device is named; what no device has is a number. */
  tgtIndex: string | bigint;
  /** The entry that the last lookup found. */
  tgtValue: MapEntry | undefined;
  mapId: MapRef;
  /** Undefined is `BPF_MAP_TYPE_UNSPEC`. */
  mapType: XdpMap['type'] | undefined;
  /** The map to broadcast to. */
  map: DevMap | undefined;
  flags: bigint;
}

export function noRedirect(): RedirectInfo {
  return {
    tgtIndex: 0n,
    tgtValue: undefined,
    mapId: 0,
    mapType: undefined,
    map: undefined,
    flags: 0n,
  };
}

/** `__bpf_xdp_redirect_map` */
export function bpfRedirectMap(ri: RedirectInfo, map: XdpMap, key: U64, flags: U64): number {
  const isDevMap = map.type === 'devmap' || map.type === 'devmap_hash';
  const flagMask = isDevMap ? BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS : 0n;
  const asked = u64(flags);
  if (asked & ~(ACTION_MASK | flagMask)) return 0;

  const broadcast = (asked & BPF_F_BROADCAST) !== 0n;
  ri.tgtValue = map.entries.get(Number(BigInt.asUintN(32, u64(key))));
  if (!ri.tgtValue && !broadcast) {
    // The index stays: returning REDIRECT all the same makes an ifindex of it.
    ri.mapId = NO_MAP;
    ri.mapType = undefined;
    return Number(asked & ACTION_MASK);
  }
  ri.tgtIndex = u64(key);
  ri.mapId = map.id;
  ri.mapType = map.type;
  ri.map = broadcast && isDevMap ? map : undefined;
  ri.flags = broadcast ? asked : 0n;
  return XDP_REDIRECT;
}

/** `bpf_xdp_redirect`. Whether the device exists shows when the redirect is carried out. */
export function bpfRedirect(ri: RedirectInfo, ifindex: DeviceRef, flags: U64): number {
  if (u64(flags)) return 0;
  redirectToIndex(ri, ifindex);
  return XDP_REDIRECT;
}

export function redirectToIndex(ri: RedirectInfo, ifindex: DeviceRef): void {
  ri.tgtIndex = typeof ifindex === 'string' ? ifindex : BigInt.asUintN(32, BigInt(ifindex));
  ri.mapId = NO_MAP;
  ri.mapType = undefined;
}
