import { load32 } from "../atomics";
import { current } from "../context/current";
import { BpfMap, MACHINE_ADDRESS, Machine, PROGRAM_SCRATCH_BYTES } from "../layout";
import { mapValuesBytes } from "../map/init";
import { hasValues } from "../map/types";
import { machine } from "../machine";
import { currentXdp } from "../redirect/program";
import { MapFlag } from "../uapi";

/**
 * Exact bounds (`checked`): a program may touch its packet up to `data_end`, its stack, and single map values, where
 * otherwise all that belongs to programs is one.
 */

/** Of this thread's programs. */
let stackLow: usize = 0;
let stackHigh: usize = 0;
/** Where the last access was: the next one is likely there too. */
let lastMap: BpfMap | null = null;

/** Where this thread's programs have their stack. */
export function setProgramStack(stack: usize, bytes: u32): void {
  stackLow = stack;
  stackHigh = stack + bytes;
}

/** Whether helpers must hold pointers against exact bounds. */
// @ts-ignore: decorator
@inline
export function isChecked(): bool {
  return machine().checked != 0;
}

// @ts-ignore: decorator
@inline
function isInside(address: usize, size: u32, low: usize, high: usize): bool {
  return address >= low && address < high && <usize>size <= high - address;
}

/** Whether the program in hand may touch the `size` bytes at `address`. */
export function checkAccess(address: usize, size: u32, write: u32): u32 {
  const xdp = currentXdp();
  if (isInside(address, size, xdp.dataMeta, xdp.dataEnd)) return 1;
  if (isInside(address, size, stackLow, stackHigh)) return 1;
  const scratch = current().programScratch;
  if (isInside(address, size, scratch, scratch + PROGRAM_SCRATCH_BYTES)) return 1;
  const last = lastMap;
  const map = last != null && ownsValue(last, address) ? last : mapOf(address);
  lastMap = map;
  return map != null && mayTouch(map, address, size, write) ? 1 : 0;
}

function ownsValue(map: BpfMap, address: usize): bool {
  return address >= map.values && <u64>(address - map.values) < mapValuesBytes(map.type, map.valueSize, map.maxEntries);
}

/** The map that has the byte at `address` among its values. */
function mapOf(address: usize): BpfMap | null {
  const maps = machine().maps;
  const end = load32(MACHINE_ADDRESS + offsetof<Machine>("mapsEnd"));
  for (let slot: u32 = 0; slot < end; slot++) {
    const map = changetype<BpfMap | null>(<usize>load32(maps + (<usize>slot << 2)));
    if (map != null && map.values != 0 && ownsValue(map, address)) return map;
  }
  return null;
}

function mayTouch(map: BpfMap, address: usize, size: u32, write: u32): bool {
  if (write != 0 && (map.flags & MapFlag.RDONLY_PROG) != 0) return false;
  // The others lay out their memory in another way.
  if (!hasValues(map.type)) return true;
  return <u32>(address - map.values) % map.valueStride + size <= map.valueSize;
}
