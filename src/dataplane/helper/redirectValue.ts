import { current } from "../context/current";
import { BpfDtabNetdev, BpfMap, FOR_EACH_SCRATCH_BYTES, REDIRECT_VALUES, REDIRECT_VALUE_BYTES, XdpSock } from "../layout";
import { bpfMapLookupElem } from "../map/elem";
import { MapType } from "../uapi";

/**
 * What `bpf_map_lookup_elem` gives of a DEVMAP, a DEVMAP_HASH or an XSKMAP: `struct bpf_devmap_val` or `bpf_xdp_sock`. Entries
 * are the machine's own, so the program gets a copy. DIVERGES: of the last REDIRECT_VALUES of them.
 */

/** Counts up; the low bits say which copy is overwritten next. */
let nextValue: u32 = 0;

/** Address of the copy, or 0 where nothing is under `key`. */
export function redirectValue(map: BpfMap, key: usize): usize {
  const entry = bpfMapLookupElem(map, key);
  if (entry == 0) return 0;
  const slot = nextValue++ % REDIRECT_VALUES;
  const value = current().programScratch + FOR_EACH_SCRATCH_BYTES + <usize>slot * REDIRECT_VALUE_BYTES;
  store<u64>(value, 0);
  if (map.type == MapType.XSKMAP) {
    store<u32>(value, changetype<XdpSock>(entry).queueId);
  } else {
    const netdev = changetype<BpfDtabNetdev>(entry);
    store<u32>(value, netdev.dev.ifindex);
    const prog = netdev.prog;
    if (prog != null) store<u32>(value, prog.id, 4);
  }
  return value;
}
