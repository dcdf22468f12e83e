import { BpfMap, MAPS_MAX } from "../layout";
import { machine } from "../machine";

/** The map at `address`, if it is one: its own word says where the table of maps must name it. */
export function mapAt(address: u64): BpfMap | null {
  // Maps are in the machine's own memory, so anything that looks like one here can be read.
  if (address == 0 || address >= machine().programLow || (address & 7) != 0) return null;
  const map = changetype<BpfMap>(<usize>address);
  if (map.slot >= MAPS_MAX) return null;
  return load<u32>(machine().maps + (<usize>map.slot << 2)) == <u32>address ? map : null;
}
