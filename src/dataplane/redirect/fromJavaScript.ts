import { BpfMap } from "../layout";
import { bpfMapUpdateElem } from "../map/elem";
import { bpfRedirect, bpfRedirectMap } from "./helpers";

/** The helpers for programs in JavaScript, where a 64-bit argument would have to be a BigInt. */

export function redirect32(ifindex: u32, flags: u32): u32 {
  return bpfRedirect(ifindex, flags);
}

export function redirectMap32(map: BpfMap, key: u32, flags: u32): u32 {
  return bpfRedirectMap(map, key, flags);
}

export function mapUpdateElem32(map: BpfMap, key: usize, value: usize, flags: u32): i32 {
  return bpfMapUpdateElem(map, key, value, flags);
}
