import { bpfRedirect, bpfRedirectMap } from "../redirect/helpers";
import { MapType } from "../uapi";
import { MapAccess, MapTypes, mapArgument } from "./arguments";

/** The redirect helpers of compiled programs (net/core/filter.c). */

const REDIRECT: MapTypes = (1 << MapType.DEVMAP) | (1 << MapType.DEVMAP_HASH) | (1 << MapType.CPUMAP) | (1 << MapType.XSKMAP);

/** `bpf_redirect(ifindex, flags)`. */
export function helperRedirect(ifindex: u64, flags: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return bpfRedirect(<u32>ifindex, flags);
}

/** `bpf_redirect_map(map, key, flags)`. */
export function helperRedirectMap(map: u64, key: u64, flags: u64, _r4: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, REDIRECT, MapAccess.READ);
  return found == null ? 0 : bpfRedirectMap(found, key, flags);
}
