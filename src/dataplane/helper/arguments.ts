import { BpfMap, XdpBuff } from "../layout";
import { machine } from "../machine";
import { mapAt } from "../map/table";
import { currentXdp } from "../redirect/program";
import { MapFlag } from "../uapi";
import { accessEnd, isAccessible, isChecked } from "./access";
import { Refusal, refuseArgument } from "./refuse";
import { afford } from "./work";

/**
 * Arguments of helpers, which the kernel's verifier would have proved right. Here nothing has: each check either gives
 * what the argument stands for, or ends the run (`refuseArgument`) and says so.
 */

/** Whether programs may touch the `size` bytes at `address`. No bytes may be anywhere. */
// @ts-ignore: decorator
@inline
export function isProgramMemory(address: u64, size: u64): bool {
  const low = <u64>machine().programLow;
  const high = <u64>machine().programHigh;
  return size == 0 || (address >= low && address < high && size <= high - address);
}

/** Argument `argument` points to `size` bytes that the helper reads. */
export function memoryArgument(argument: u32, address: u64, size: u64): bool {
  return memoryOf(argument, address, size, 0);
}

/** Argument `argument` points to `size` bytes that the helper writes. */
export function writableArgument(argument: u32, address: u64, size: u64): bool {
  return memoryOf(argument, address, size, 1);
}

function memoryOf(argument: u32, address: u64, size: u64, write: u32): bool {
  const isAllowed = isProgramMemory(address, size);
  if (isAllowed && (!isChecked() || size == 0 || isAccessible(<usize>address, <u32>size, write))) return true;
  refuseArgument(Refusal.NOT_MEMORY, argument, address);
  return false;
}

/** How much the program may read from `address` on. */
export function readableBytes(address: u64): u64 {
  if (!isProgramMemory(address, 1)) return 0;
  const end = isChecked() ? accessEnd(<usize>address, 0) : machine().programHigh;
  return end > address ? end - address : 0;
}

/** Argument `argument` points to a text; with exact bounds, one that ends by a NUL before they do. */
export function stringArgument(argument: u32, address: u64): bool {
  if (!memoryArgument(argument, address, 1)) return false;
  if (!isChecked()) return true;
  const end = address + readableBytes(address);
  for (let at = address; at < end && afford(1); at++) {
    if (load<u8>(<usize>at) == 0) return true;
  }
  refuseArgument(Refusal.NOT_MEMORY, argument, end);
  return false;
}

/** The `xdp_buff` that the program in hand was called with, or null. */
export function contextArgument(value: u64): XdpBuff | null {
  const xdp = currentXdp();
  if (value == changetype<usize>(xdp)) return xdp;
  refuseArgument(Refusal.NOT_CONTEXT, 1, value);
  return null;
}

/** A set of map types: bit n for type n. */
export type MapTypes = u64;

/** What a program is about to do with a map's values. */
export const enum MapAccess {
  READ = 1,
  WRITE = 2,
}

/** The map at argument `argument`, of one of `types`, or null. */
export function mapArgument(argument: u32, value: u64, types: MapTypes, access: MapAccess): BpfMap | null {
  const map = mapAt(value);
  if (map == null) {
    refuseArgument(Refusal.NOT_A_MAP, argument, value);
    return null;
  }
  if (((types >> map.type) & 1) == 0) {
    refuseArgument(Refusal.MAP_TYPE, argument, value);
    return null;
  }
  const forbidden: u32 = access == MapAccess.READ ? MapFlag.WRONLY_PROG : MapFlag.RDONLY_PROG;
  if ((map.flags & forbidden) != 0) {
    refuseArgument(Refusal.MAP_ACCESS, argument, value);
    return null;
  }
  return map;
}

/** What a helper that returns an `int` leaves in r0. */
// @ts-ignore: decorator
@inline
export function asResult(value: i32): u64 {
  return <u64><i64>value;
}
