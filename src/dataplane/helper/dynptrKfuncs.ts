import { xdpGetBuffLen } from "../frame/buff";
import { xdpLoadBytes, xdpPointer } from "../frame/bytes";
import { Errno } from "../uapi";
import { asResult, contextArgument, memoryArgument, writableArgument } from "./arguments";
import {
  DYNPTR_BYTES, DynptrType, clearDynptr, dynptrAddress, dynptrPacket, dynptrPacketOffset, dynptrSize, isNullDynptr,
  isOutsideDynptr, isPacketDynptr, isReadOnlyDynptr, narrowDynptr, openDynptr, writeDynptr,
} from "./dynptr";
import { affordCopy } from "./work";

/** kfuncs on dynptrs (kernel/bpf/helpers.c, net/core/filter.c), since 6.4. */

/** `bpf_dynptr_from_xdp(ctx, flags, ptr)`. */
export function kfuncDynptrFromXdp(ctx: u64, flags: u64, dynptr: u64, _r4: u64, _r5: u64): u64 {
  const xdp = contextArgument(ctx);
  if (xdp == null || !writableArgument(3, dynptr, DYNPTR_BYTES)) return 0;
  clearDynptr(dynptr);
  if (flags != 0) return asResult(-Errno.EINVAL);
  writeDynptr(dynptr, DynptrType.XDP, changetype<usize>(xdp), xdpGetBuffLen(xdp), 0, false);
  return 0;
}

/** `bpf_dynptr_slice(ptr, offset, buffer, length)`: the bytes where they are, or a copy in `buffer`, which may be NULL. */
export function kfuncDynptrSlice(dynptr: u64, at: u64, buffer: u64, length: u64, _r5: u64): u64 {
  return slice(dynptr, <u32>at, buffer, <u32>length);
}

/** `bpf_dynptr_slice_rdwr(ptr, offset, buffer, length)`. */
export function kfuncDynptrSliceRdwr(dynptr: u64, at: u64, buffer: u64, length: u64, _r5: u64): u64 {
  if (!openDynptr(1, dynptr) || isReadOnlyDynptr()) return 0;
  return slice(dynptr, <u32>at, buffer, <u32>length);
}

function slice(dynptr: u64, at: u32, buffer: u64, length: u32): u64 {
  if (buffer != 0 && !writableArgument(3, buffer, length)) return 0;
  if (!openDynptr(1, dynptr) || isNullDynptr() || isOutsideDynptr(at, length)) return 0;
  if (!isPacketDynptr()) {
    const address = dynptrAddress(at);
    return memoryArgument(1, address, length) ? address : 0;
  }
  const xdp = dynptrPacket();
  if (xdp == null) return 0;
  const inPlace = xdpPointer(xdp, dynptrPacketOffset(at), length);
  if (inPlace != 0) return inPlace;
  if (buffer == 0 || !affordCopy(length)) return 0;
  // Where the packet has become shorter the kernel's verifier has taken the dynptr away.
  return xdpLoadBytes(xdp, dynptrPacketOffset(at), <usize>buffer, length) == 0 ? buffer : 0;
}

/** `bpf_dynptr_adjust(ptr, start, end)`. */
export function kfuncDynptrAdjust(dynptr: u64, start: u64, end: u64, _r4: u64, _r5: u64): u64 {
  if (!writableArgument(1, dynptr, DYNPTR_BYTES) || !openDynptr(1, dynptr)) return 0;
  if (isNullDynptr() || <u32>start > <u32>end) return asResult(-Errno.EINVAL);
  if (<u32>end > dynptrSize()) return asResult(-Errno.ERANGE);
  narrowDynptr(dynptr, <u32>start, <u32>end);
  return 0;
}

/** `bpf_dynptr_is_null(ptr)`. */
export function kfuncDynptrIsNull(dynptr: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return openDynptr(1, dynptr) && isNullDynptr() ? 1 : 0;
}

/** `bpf_dynptr_is_rdonly(ptr)`. */
export function kfuncDynptrIsRdonly(dynptr: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return openDynptr(1, dynptr) && !isNullDynptr() && isReadOnlyDynptr() ? 1 : 0;
}

/** `bpf_dynptr_size(ptr)`. */
export function kfuncDynptrSize(dynptr: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  if (!openDynptr(1, dynptr)) return 0;
  return isNullDynptr() ? asResult(-Errno.EINVAL) : dynptrSize();
}

/** `bpf_dynptr_clone(ptr, clone)`. */
export function kfuncDynptrClone(dynptr: u64, clone: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  if (!writableArgument(2, clone, DYNPTR_BYTES) || !openDynptr(1, dynptr)) return 0;
  if (isNullDynptr()) {
    clearDynptr(clone);
    return asResult(-Errno.EINVAL);
  }
  memory.copy(<usize>clone, <usize>dynptr, DYNPTR_BYTES);
  return 0;
}
