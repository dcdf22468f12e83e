import { current } from "../context/current";
import { BpfMap, RedirectInfo } from "../layout";
import { devMapHashLookup } from "../map/devmapHash";
import { pointerLookup } from "../map/pointers";
import { Errno, INT_MAX, MapType, RedirectFlag, XdpAction } from "../uapi";

/** Step one of a redirect: the helpers only remember a target (net/core/filter.c). */

/** `bpf_xdp_redirect`. */
export function bpfRedirect(ifindex: u32, flags: u64): u32 {
  const ri = current().cpu!.ri;
  if (flags != 0) return refuse(ri, Errno.EINVAL, 0, ifindex);
  // Map and flags stay: xdpDoRedirect looks at mapType and mapId first.
  ri.tgtIndex = ifindex;
  ri.tgtValue = 0;
  ri.mapId = INT_MAX;
  ri.mapType = MapType.UNSPEC;
  return XdpAction.REDIRECT;
}

/** There is no target: the kernel says no more than the action, the ledger why. */
function refuse(ri: RedirectInfo, err: Errno, mapId: u32, key: u32): XdpAction {
  ri.refusal = err;
  ri.refusedMapId = mapId;
  ri.refusedKey = key;
  return XdpAction.ABORTED;
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
  const ri: RedirectInfo = current().cpu!.ri;
  if (flags & ~(<u64>RedirectFlag.ACTION_MASK | flagMask)) return refuse(ri, Errno.EINVAL, map.id, key);
  ri.tgtValue = target;
  const broadcast = (flags & RedirectFlag.BROADCAST) != 0;
  if (target == 0 && !broadcast) {
    // The index stays as it was: a program that returns XDP_REDIRECT all the same uses it as an ifindex.
    ri.mapId = INT_MAX;
    ri.mapType = MapType.UNSPEC;
    refuse(ri, Errno.ENOENT, map.id, key);
    return <u32>flags & RedirectFlag.ACTION_MASK;
  }
  ri.tgtIndex = key;
  ri.mapId = map.id;
  ri.mapType = map.type;
  ri.map = broadcast ? map : null;
  ri.flags = broadcast ? <u32>flags : 0;
  return XdpAction.REDIRECT;
}
