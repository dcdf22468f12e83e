import { Device, FrameFlag, XdpBuff, XdpFrame } from "../layout";
import { XDP_FRAME_BYTES } from "../uapi";

/** `struct xdp_buff`: a program's view of one frame, and the way from one to the other (include/net/xdp.h). */

/** `xdp_convert_frame_to_buff`. */
// @ts-ignore: decorator
@inline
export function xdpConvertFrameToBuff(frame: XdpFrame, xdp: XdpBuff): void {
  xdp.data = frame.data;
  xdp.dataEnd = frame.data + frame.len;
  xdp.dataMeta = frame.data - frame.metasize;
  xdp.dataHardStart = frame.dataHardStart;
  xdp.frameSz = frame.pool.frameSz;
  xdp.frame = frame;
}

/** What the program sees besides the bytes. */
// @ts-ignore: decorator
@inline
export function xdpSetDevices(xdp: XdpBuff, rxDev: Device, rxQueue: u32, egressIfindex: u32): void {
  xdp.rxDev = rxDev;
  xdp.ingressIfindex = rxDev.ifindex;
  xdp.rxQueueIndex = rxQueue;
  xdp.egressIfindex = egressIfindex;
}

/**
 * `xdp_update_frame_from_buff`. False (the kernel's -ENOSPC, or a NULL frame) where a program used the headroom that
 * the kernel keeps `struct xdp_frame` in.
 */
// @ts-ignore: decorator
@inline
export function xdpUpdateFrameFromBuff(xdp: XdpBuff, frame: XdpFrame): bool {
  const headroom = <u32>(xdp.data - xdp.dataHardStart);
  const metasize = <u32>(xdp.data - xdp.dataMeta);
  if (headroom < metasize + XDP_FRAME_BYTES) return false;
  frame.data = xdp.data;
  frame.len = <u32>(xdp.dataEnd - xdp.data);
  frame.headroom = headroom - XDP_FRAME_BYTES;
  frame.metasize = metasize;
  return true;
}

// @ts-ignore: decorator
@inline
export function hasFrags(frame: XdpFrame): bool {
  return (frame.flags & FrameFlag.HAS_FRAGS) != 0;
}

/** `xdp_get_frame_len`. */
// @ts-ignore: decorator
@inline
export function xdpGetFrameLen(frame: XdpFrame): u32 {
  return hasFrags(frame) ? frame.len + frame.fragsSize : frame.len;
}

/** `xdp_get_buff_len`. */
export function xdpGetBuffLen(xdp: XdpBuff): u32 {
  const linear = <u32>(xdp.dataEnd - xdp.data);
  return hasFrags(xdp.frame) ? linear + xdp.frame.fragsSize : linear;
}
