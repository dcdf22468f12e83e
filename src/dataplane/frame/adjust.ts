import { FrameFlag, MACHINE_ADDRESS, Machine, XdpBuff, XdpFrame } from "../layout";
import { ETH_HLEN, Errno, SHARED_INFO_BYTES, XDP_FRAME_BYTES } from "../uapi";
import { hasFrags, xdpGetBuffLen } from "./buff";
import { returnOne } from "./pool";
import { current } from "../context/current";

/** The helpers that move a packet's edges (net/core/filter.c). They return 0 or a negative errno. */

/** Longest metadata area: what `skb_shared_info.meta_len` holds, 32 before 6.3. */
function metaMaxBytes(): i64 {
  return changetype<Machine>(MACHINE_ADDRESS).kernel < 603 ? 32 : 255;
}

/** `bpf_xdp_adjust_head`: metadata moves along. */
export function xdpAdjustHead(xdp: XdpBuff, offset: i32): i32 {
  const metalen = xdp.data - xdp.dataMeta;
  const dataStart = <i64>(xdp.dataHardStart + XDP_FRAME_BYTES + metalen);
  const data = <i64>xdp.data + offset;
  if (data < dataStart || data > <i64>xdp.dataEnd - ETH_HLEN) return -Errno.EINVAL;
  if (metalen) memory.copy(xdp.dataMeta + offset, xdp.dataMeta, metalen);
  xdp.dataMeta += offset;
  xdp.data = <usize>data;
  return 0;
}

/** `bpf_xdp_adjust_tail`. */
export function xdpAdjustTail(xdp: XdpBuff, offset: i32): i32 {
  if (hasFrags(xdp.frame)) {
    return offset < 0 ? shrinkFrags(xdp, -<i64>offset) : growFrags(xdp.frame, offset);
  }
  const hardEnd = <i64>(xdp.dataHardStart + xdp.frameSz - SHARED_INFO_BYTES);
  const dataEnd = <i64>xdp.dataEnd + offset;
  if (dataEnd > hardEnd || dataEnd < <i64>xdp.data + ETH_HLEN) return -Errno.EINVAL;
  if (offset > 0) memory.fill(xdp.dataEnd, 0, offset);
  xdp.dataEnd = <usize>dataEnd;
  return 0;
}

function lastFrag(frame: XdpFrame): XdpFrame {
  let frag = frame.frags!;
  while (frag.next) frag = frag.next!;
  return frag;
}

/** `bpf_xdp_frags_increase_tail`, for drivers whose fragments are whole buffers. */
function growFrags(frame: XdpFrame, offset: i32): i32 {
  const frag = lastFrag(frame);
  const end = frag.dataHardStart + frag.pool.frameSz;
  if (<u32>offset > <u32>(end - frag.data) - frag.len) return -Errno.EINVAL;
  memory.fill(frag.data + frag.len, 0, offset);
  frag.len += offset;
  frame.fragsSize += offset;
  return 0;
}

/** `bpf_xdp_frags_shrink_tail`. */
function shrinkFrags(xdp: XdpBuff, bytes: i64): i32 {
  if (bytes > <i64>xdpGetBuffLen(xdp) - ETH_HLEN) return -Errno.EINVAL;
  const frame = xdp.frame;
  let left = <u32>bytes;
  while (left > 0 && frame.nrFrags > 0) {
    const frag = lastFrag(frame);
    const shrink = min(left, frag.len);
    frag.len -= shrink;
    frame.fragsSize -= shrink;
    left -= shrink;
    if (frag.len == 0) dropLastFrag(frame, frag);
  }
  if (frame.nrFrags == 0) {
    frame.flags &= ~FrameFlag.HAS_FRAGS;
    xdp.dataEnd -= left;
  }
  return 0;
}

function dropLastFrag(frame: XdpFrame, last: XdpFrame): void {
  if (frame.frags == last) {
    frame.frags = null;
  } else {
    let frag = frame.frags!;
    while (frag.next != last) frag = frag.next!;
    frag.next = null;
  }
  frame.nrFrags--;
  returnOne(current(), last);
}

/** `bpf_xdp_adjust_meta`. */
export function xdpAdjustMeta(xdp: XdpBuff, offset: i32): i32 {
  const meta = <i64>xdp.dataMeta + offset;
  if (meta < <i64>(xdp.dataHardStart + XDP_FRAME_BYTES) || meta > <i64>xdp.data) return -Errno.EINVAL;
  const metalen = <i64>xdp.data - meta;
  if ((metalen & 3) != 0 || metalen > metaMaxBytes()) return -Errno.EACCES;
  xdp.dataMeta = <usize>meta;
  return 0;
}
