import { load32 } from "../atomics";
import { current } from "../context/current";
import { hasFrags } from "../frame/buff";
import {
  BpfMap, FOR_EACH_KEY_MAX, FOR_EACH_SCRATCH_BYTES, PROGRAM_SCRATCH_BYTES, REDIRECT_VALUE_BYTES, VALUE_PAGE_BYTES, ValuePage, XdpBuff, XdpFrame,
} from "../layout";
import { mapValuesBytes } from "../map/init";
import { ringbufRecordEnd } from "../map/ringbuf";
import { mapAt } from "../map/table";
import { machine } from "../machine";
import { currentXdp } from "../redirect/program";
import { MapFlag, MapType } from "../uapi";

/**
 * Exact bounds (`checked`): a program may touch its packet up to `data_end`, its stack from the running function's frame
 * on, single map values and ring buffer records that it has reserved, where otherwise all that belongs to programs is one.
 */

/** MAX_BPF_STACK: bytes of a function's frame. */
const FRAME_BYTES: usize = 512;

/** Of this thread's programs. */
let stackHigh: usize = 0;
/** Where the frame of the function begins that runs, or has called the helper that does. */
let frameLow: usize = 0;
/** Where the last access was: the next one is likely there too. */
let lastMap: usize = 0;

/** Where this thread's programs have their stack. */
export function setProgramStack(stack: usize, bytes: u32): void {
  frameLow = stack;
  stackHigh = stack + bytes;
}

/** A function is about to call a helper: frames below its own are nobody's. */
export function setFrame(low: usize): void {
  frameLow = low;
}

/** Whether helpers must hold pointers against exact bounds. */
// @ts-ignore: decorator
@inline
export function isChecked(): bool {
  return machine().checked != 0;
}

/** Whether the program in hand, in the function whose frame begins at `frame`, may touch the `size` bytes at `address`. */
export function checkAccess(address: usize, size: u32, write: u32, frame: usize): u32 {
  frameLow = frame;
  return isAccessible(address, size, write) ? 1 : 0;
}

/** The same, for the function that called the helper in hand. */
export function isAccessible(address: usize, size: u32, write: u32): bool {
  const end = accessEnd(address, write);
  return end > address && <usize>size <= end - address;
}

/** Where what the program in hand may touch from `address` on ends; 0 where that is nothing. */
export function accessEnd(address: usize, write: u32): usize {
  const xdp = currentXdp();
  if (isInside(address, xdp.dataMeta, xdp.dataEnd)) return xdp.dataEnd;
  if (isInside(address, frameLow, stackHigh)) return stackHigh - (stackHigh - address - 1) / FRAME_BYTES * FRAME_BYTES;
  const scratch = current().programScratch;
  if (isInside(address, scratch, scratch + PROGRAM_SCRATCH_BYTES)) return scratchEnd(scratch, address, write);
  // It may be gone by now.
  const last = mapAt(lastMap);
  const map = last != null && ownsValue(last, address) ? last : mapOf(address);
  lastMap = changetype<usize>(map);
  return map != null ? valueEnd(map, address, write) : fragmentEnd(xdp, address);
}

// @ts-ignore: decorator
@inline
function isInside(address: usize, low: usize, high: usize): bool {
  return address >= low && address < high;
}

/** Keys, and the values of redirect maps, which are there to be read. */
function scratchEnd(scratch: usize, address: usize, write: u32): usize {
  if (write != 0) return 0;
  const offset = address - scratch;
  const size: usize = offset < FOR_EACH_SCRATCH_BYTES ? FOR_EACH_KEY_MAX : REDIRECT_VALUE_BYTES;
  return scratch + (offset / size + 1) * size;
}

function ownsValue(map: BpfMap, address: usize): bool {
  return address >= map.values && <u64>(address - map.values) < mapValuesBytes(map.type, map.valueSize, map.capacity);
}

/** The map that has the byte at `address` among its values. */
function mapOf(address: usize): BpfMap | null {
  const pages = machine().valuePages;
  const low = machine().programLow;
  if (pages == 0 || address < low || address >= machine().programHigh) return null;
  const page = pages + (address - low) / VALUE_PAGE_BYTES * offsetof<ValuePage>();
  const covering = changetype<BpfMap | null>(<usize>load32(page + offsetof<ValuePage>("covering")));
  if (covering != null && ownsValue(covering, address)) return covering;
  let map = changetype<BpfMap | null>(<usize>load32(page + offsetof<ValuePage>("first")));
  while (map != null && !ownsValue(map, address)) {
    map = changetype<BpfMap | null>(<usize>load32(changetype<usize>(map) + offsetof<BpfMap>("nextInPage")));
  }
  return map;
}

function valueEnd(map: BpfMap, address: usize, write: u32): usize {
  if (write != 0 && (map.flags & MapFlag.RDONLY_PROG) != 0) return 0;
  if (map.type == MapType.RINGBUF) return ringbufRecordEnd(current(), map, address);
  return address - <usize>(<u32>(address - map.values) % map.valueStride) + map.valueSize;
}

/** `bpf_dynptr_slice` gives pointers into fragments. */
function fragmentEnd(xdp: XdpBuff, address: usize): usize {
  let frag: XdpFrame | null = hasFrags(xdp.frame) ? xdp.frame.frags : null;
  while (frag != null) {
    if (isInside(address, frag.data, frag.data + frag.len)) return frag.data + frag.len;
    frag = frag.next;
  }
  return 0;
}
