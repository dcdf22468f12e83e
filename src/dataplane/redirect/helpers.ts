import { current } from "../context/current";
import { BpfMap, RedirectInfo } from "../layout";
import { devMapHashLookup } from "../map/devmapHash";
import { pointerLookup } from "../map/pointers";
import { INT_MAX, MapType, RedirectFlag, XdpAction } from "../uapi";

/** Step one of a redirect: the helpers only remember a target (net/core/filter.c). */

/** `bpf_xdp_redirect`. */
export function bpfRedirect(ifindex: u32, flags: u64): u32 {
  if (flags != 0) return XdpAction.ABORTED;
  const ri = current().cpu!.ri;
  // Map and flags stay: xdpDoRedirect looks at mapType and mapId first.
  ri.tgtIndex = ifindex;
  ri.tgtValue = 0;
  ri.mapId = INT_MAX;
  ri.mapType = MapType.UNSPEC;
  return XdpAction.REDIRECT;
}

/** `bpf_xdp_redirect_map`: the key is truncated to 32 bits. */
export function bpfRedirectMap(map: BpfMap, key: u64, flags: u64): u32 {
  const type = map.type;
  if (type == MapType.DEVMAP_HASH) return redirectMap(map, devMapHashLookup(map, <u32>key), <u32>key, flags, DEVMAP_FLAGS);
  const target = pointerLookup(map, <u32>key);
  return redirectMap(map, target, <u32>key, flags, type == MapType.DEVMAP ? DEVMAP_FLAGS : 0);
}

const DEVMAP_FLAGS: u64 = RedirectFlag.BROADCAST | RedirectFlag.EXCLUDE_INGRESS;

/** `__bpf_xdp_redirect_map`. */
// @ts-ignore: decorator
@inline
function redirectMap(map: BpfMap, target: usize, key: u32, flags: u64, flagMask: u64): u32 {
  if (flags & ~(<u64>RedirectFlag.ACTION_MASK | flagMask)) return XdpAction.ABORTED;
  const ri: RedirectInfo = current().cpu!.ri;
  ri.tgtValue = target;
  const broadcast = (flags & RedirectFlag.BROADCAST) != 0;
  if (target == 0 && !broadcast) {
    // The index stays as it was: a program that returns XDP_REDIRECT all the same uses it as an ifindex.
    ri.mapId = INT_MAX;
    ri.mapType = MapType.UNSPEC;
    return <u32>flags & RedirectFlag.ACTION_MASK;
  }
  ri.tgtIndex = key;
  ri.mapId = map.id;
  ri.mapType = map.type;
  ri.map = broadcast ? map : null;
  ri.flags = broadcast ? <u32>flags : 0;
  return XdpAction.REDIRECT;
}
