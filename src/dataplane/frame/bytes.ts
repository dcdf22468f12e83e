import { XdpBuff, XdpFrame } from "../layout";
import { Errno } from "../uapi";
import { hasFrags, xdpGetBuffLen } from "./buff";

/** Copies between a frame, fragments included, and flat memory. */

/** Bytes that `bpf_xdp_load_bytes` and `bpf_xdp_store_bytes` take at most, and largest offset. */
const XDP_BYTES_MAX: u32 = 0xffff;

/** `__bpf_xdp_load_bytes`: 0, -EINVAL where the range is not inside the packet, or -EFAULT where it never can be. */
export function xdpLoadBytes(xdp: XdpBuff, offset: u32, into: usize, length: u32): i32 {
  const refused = checkRange(xdp, offset, length);
  if (refused == 0) copyRange(xdp, offset, into, length, false);
  return refused;
}

/** `__bpf_xdp_store_bytes`. */
export function xdpStoreBytes(xdp: XdpBuff, offset: u32, from: usize, length: u32): i32 {
  const refused = checkRange(xdp, offset, length);
  if (refused == 0) copyRange(xdp, offset, from, length, true);
  return refused;
}

/** `bpf_xdp_pointer`'s checks. */
function checkRange(xdp: XdpBuff, offset: u32, length: u32): i32 {
  if (offset > XDP_BYTES_MAX || length > XDP_BYTES_MAX) return -Errno.EFAULT;
  return offset + length > xdpGetBuffLen(xdp) ? -Errno.EINVAL : 0;
}

/** `bpf_xdp_pointer`: address of the bytes where they are in one piece, else 0. */
export function xdpPointer(xdp: XdpBuff, offset: u32, length: u32): usize {
  if (checkRange(xdp, offset, length) != 0) return 0;
  let part = xdp.data;
  let partLength = <u32>(xdp.dataEnd - xdp.data);
  let frag: XdpFrame | null = hasFrags(xdp.frame) ? xdp.frame.frags : null;
  while (offset >= partLength && frag != null) {
    offset -= partLength;
    part = frag.data;
    partLength = frag.len;
    frag = frag.next;
  }
  return offset + length <= partLength ? part + offset : 0;
}

/** `bpf_xdp_copy_buf`. */
function copyRange(xdp: XdpBuff, offset: u32, flat: usize, length: u32, toFrame: bool): void {
  let part = xdp.data;
  let partLength = <u32>(xdp.dataEnd - xdp.data);
  let frag: XdpFrame | null = hasFrags(xdp.frame) ? xdp.frame.frags : null;
  while (length > 0) {
    if (offset < partLength) {
      const n = min(length, partLength - offset);
      if (toFrame) memory.copy(part + offset, flat, n);
      else memory.copy(flat, part + offset, n);
      flat += n;
      length -= n;
      offset = 0;
    } else {
      offset -= partLength;
    }
    if (length == 0 || frag == null) return;
    part = frag.data;
    partLength = frag.len;
    frag = frag.next;
  }
}

/** The first `length` bytes of the packet, which has as many, to flat memory (`bpf_xdp_copy`). */
export function xdpCopyOut(xdp: XdpBuff, into: usize, length: u32): void {
  copyRange(xdp, 0, into, length, false);
}

/** The whole frame, `xdpGetFrameLen` bytes, to flat memory. */
export function frameCopyOut(frame: XdpFrame, into: usize): void {
  memory.copy(into, frame.data, frame.len);
  if (!hasFrags(frame)) return;
  into += frame.len;
  let frag = frame.frags;
  while (frag) {
    memory.copy(into, frag.data, frag.len);
    into += frag.len;
    frag = frag.next;
  }
}
