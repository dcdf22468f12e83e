import { current } from "../context/current";
import { xdpLoadBytes, xdpStoreBytes } from "../frame/bytes";
import { XdpBuff } from "../layout";
import { ringbufCommit, ringbufReserve } from "../map/ringbuf";
import { Errno, MapType } from "../uapi";
import { MapAccess, asResult, contextArgument, mapArgument, memoryArgument, writableArgument } from "./arguments";
import { Refusal, refuseArgument } from "./refuse";
import { affordCopy } from "./work";

/**
 * Dynptrs (kernel/bpf/helpers.c): what a run may touch, with its bounds, in 16 bytes of the program's own. No verifier keeps
 * the program from writing there, so each use looks at what it says as at any other argument.
 */

/** `struct bpf_dynptr_kern`. */
@unmanaged
class DynptrKern {
  data: u64;
  /** The low 24 bits; above them the type (`TYPE_SHIFT`) and whether it may only be read. */
  size: u32;
  offset: u32;
}

export const DYNPTR_BYTES: u32 = 16;
const SIZE_MAX: u32 = 0xffffff;
const TYPE_SHIFT: u32 = 28;
const READ_ONLY: u32 = 1 << 31;

/** `enum bpf_dynptr_type`. */
export const enum DynptrType {
  LOCAL = 1,
  RINGBUF = 2,
  XDP = 4,
}

/** The dynptr in hand, read once: another thread may write where it is. */
let data: u64 = 0;
let size: u32 = 0;
let offset: u32 = 0;
let type: u32 = 0;
let isReadOnly: bool = false;

/** Takes the dynptr at `address` in hand; false where the program may have none there. */
export function openDynptr(argument: u32, address: u64): bool {
  if (!memoryArgument(argument, address, DYNPTR_BYTES)) return false;
  const dynptr = changetype<DynptrKern>(<usize>address);
  const word = dynptr.size;
  data = dynptr.data;
  offset = dynptr.offset;
  size = word & SIZE_MAX;
  type = (word & ~READ_ONLY) >>> TYPE_SHIFT;
  isReadOnly = (word & READ_ONLY) != 0;
  if (data == 0 || type == DynptrType.LOCAL || type == DynptrType.RINGBUF || type == DynptrType.XDP) return true;
  refuseArgument(Refusal.NOT_DYNPTR, argument, address);
  return false;
}

// @ts-ignore: decorator
@inline
export function isNullDynptr(): bool {
  return data == 0;
}

// @ts-ignore: decorator
@inline
export function isReadOnlyDynptr(): bool {
  return isReadOnly;
}

export function dynptrSize(): u32 {
  return size;
}

export function isPacketDynptr(): bool {
  return type == DynptrType.XDP;
}

/** `bpf_dynptr_check_off_len`. */
export function isOutsideDynptr(at: u32, length: u32): bool {
  return length > size || at > size - length;
}

/** Where byte `at` of the dynptr in hand is: in memory, or in the packet. */
export function dynptrAddress(at: u32): u64 {
  return data + offset + at;
}

export function dynptrPacketOffset(at: u32): u32 {
  return offset + at;
}

/** The packet that the dynptr in hand is of, which can only be the run's own. */
export function dynptrPacket(): XdpBuff | null {
  return contextArgument(data);
}

export function writeDynptr(address: u64, type: DynptrType, memory: u64, bytes: u32, start: u32, readOnly: bool): void {
  const dynptr = changetype<DynptrKern>(<usize>address);
  dynptr.data = memory;
  dynptr.size = bytes | (<u32>type << TYPE_SHIFT) | (readOnly ? READ_ONLY : 0);
  dynptr.offset = start;
}

/** `bpf_dynptr_set_null`. */
export function clearDynptr(address: u64): void {
  memory.fill(<usize>address, 0, DYNPTR_BYTES);
}

/** Narrows the dynptr at `address`, which is in hand. */
export function narrowDynptr(address: u64, start: u32, end: u32): void {
  writeDynptr(address, type, data, end - start, offset + start, isReadOnly);
}

/** `bpf_dynptr_from_mem(data, size, flags, ptr)`. */
export function helperDynptrFromMem(memory: u64, bytes: u64, flags: u64, dynptr: u64, _r5: u64): u64 {
  if (!memoryArgument(1, memory, <u32>bytes) || !writableArgument(4, dynptr, DYNPTR_BYTES)) return 0;
  clearDynptr(dynptr);
  if (<u32>bytes > SIZE_MAX) return asResult(-Errno.E2BIG);
  if (flags != 0) return asResult(-Errno.EINVAL);
  writeDynptr(dynptr, DynptrType.LOCAL, memory, <u32>bytes, 0, false);
  return 0;
}

/** `bpf_dynptr_read(dst, len, src, offset, flags)`. */
export function helperDynptrRead(into: u64, length: u64, dynptr: u64, at: u64, flags: u64): u64 {
  const bytes = <u32>length;
  if (!writableArgument(1, into, bytes) || !openDynptr(3, dynptr)) return 0;
  if (isNullDynptr() || flags != 0) return asResult(-Errno.EINVAL);
  if (isOutsideDynptr(<u32>at, bytes)) return asResult(-Errno.E2BIG);
  if (!affordCopy(bytes)) return 0;
  if (isPacketDynptr()) {
    const xdp = dynptrPacket();
    return xdp == null ? 0 : asResult(xdpLoadBytes(xdp, dynptrPacketOffset(<u32>at), <usize>into, bytes));
  }
  const from = dynptrAddress(<u32>at);
  if (!memoryArgument(3, from, bytes)) return 0;
  memory.copy(<usize>into, <usize>from, bytes);
  return 0;
}

/** `bpf_dynptr_write(dst, offset, src, len, flags)`. */
export function helperDynptrWrite(dynptr: u64, at: u64, from: u64, length: u64, flags: u64): u64 {
  const bytes = <u32>length;
  if (!memoryArgument(3, from, bytes) || !openDynptr(1, dynptr)) return 0;
  if (isNullDynptr() || isReadOnlyDynptr()) return asResult(-Errno.EINVAL);
  if (isOutsideDynptr(<u32>at, bytes)) return asResult(-Errno.E2BIG);
  if (flags != 0) return asResult(-Errno.EINVAL);
  if (!affordCopy(bytes)) return 0;
  if (isPacketDynptr()) {
    const xdp = dynptrPacket();
    return xdp == null ? 0 : asResult(xdpStoreBytes(xdp, dynptrPacketOffset(<u32>at), <usize>from, bytes));
  }
  const into = dynptrAddress(<u32>at);
  if (!writableArgument(1, into, bytes)) return 0;
  memory.copy(<usize>into, <usize>from, bytes);
  return 0;
}

/** `bpf_dynptr_data(ptr, offset, len)`: the address, or 0; of a packet it is `bpf_dynptr_slice`'s to tell. */
export function helperDynptrData(dynptr: u64, at: u64, length: u64, _r4: u64, _r5: u64): u64 {
  if (!openDynptr(1, dynptr) || isNullDynptr() || isOutsideDynptr(<u32>at, <u32>length)) return 0;
  return isReadOnlyDynptr() || isPacketDynptr() ? 0 : dynptrAddress(<u32>at);
}

/** `bpf_ringbuf_reserve_dynptr(map, size, flags, ptr)`. */
export function helperRingbufReserveDynptr(map: u64, bytes: u64, flags: u64, dynptr: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, 1 << MapType.RINGBUF, MapAccess.WRITE);
  if (found == null || !writableArgument(4, dynptr, DYNPTR_BYTES)) return 0;
  clearDynptr(dynptr);
  if (flags != 0) return asResult(-Errno.EINVAL);
  if (<u32>bytes > SIZE_MAX) return asResult(-Errno.E2BIG);
  const sample = ringbufReserve(current(), found, <u32>bytes);
  if (sample == 0) return asResult(-Errno.EINVAL);
  writeDynptr(dynptr, DynptrType.RINGBUF, sample, <u32>bytes, 0, false);
  return 0;
}

/** `bpf_ringbuf_submit_dynptr(ptr, flags)`; nothing for a reservation that failed. */
export function helperRingbufSubmitDynptr(dynptr: u64, _flags: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return giveBack(dynptr, false);
}

/** `bpf_ringbuf_discard_dynptr(ptr, flags)`. */
export function helperRingbufDiscardDynptr(dynptr: u64, _flags: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return giveBack(dynptr, true);
}

function giveBack(dynptr: u64, isDiscarded: bool): u64 {
  if (!openDynptr(1, dynptr) || isNullDynptr()) return 0;
  if (!ringbufCommit(current(), data, isDiscarded)) return refuseArgument(Refusal.NOT_RESERVED, 1, data);
  clearDynptr(dynptr);
  return 0;
}
