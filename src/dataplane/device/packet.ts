import { copyPadded } from "../frame/copy";
import { frameAlloc, framePoolRefill, framePrepare, frameReceive } from "../frame/pool";
import { Context, FrameFlag, Packet, RxQueue, XdpFrame } from "../layout";
import { SHARED_INFO_BYTES, XDP_PACKET_HEADROOM } from "../uapi";

/** From a packet's bytes to a frame, as a driver's receive ring does it. */

/** Longest packet that a frame of this context's pool holds in one piece. */
// @ts-ignore: decorator
@inline
export function linearMax(ctx: Context): u32 {
  return ctx.pool.frameSz - XDP_PACKET_HEADROOM - SHARED_INFO_BYTES;
}

/** Bytes of the packet that go into its first frame. */
// @ts-ignore: decorator
@inline
function linearOf(ctx: Context, packet: Packet): u32 {
  return packet.linear != 0 ? packet.linear : linearMax(ctx);
}

/** Frames that the packet takes, its fragments included. */
export function framesOf(ctx: Context, packet: Packet): u32 {
  const linear = linearOf(ctx, packet);
  return packet.length <= linear ? 1 : 1 + (packet.length - linear + ctx.pool.frameSz - 1) / ctx.pool.frameSz;
}

/**
 * A frame that `ctx` has received, with the packet's `headLength` own bytes, then bytes of `fill`; null where the pool
 * has none left.
 */
export function packetToFrame(ctx: Context, rq: RxQueue, packet: Packet, fill: usize): XdpFrame | null {
  const length = packet.length;
  if (length > linearMax(ctx) || packet.linear != 0) return packetToFragments(ctx, rq, packet, fill);
  if (framePoolRefill(ctx.pool, 1) == 0) return null;
  const frame = frameReceive(ctx);
  framePrepare(frame, length);
  describe(frame, rq, packet);
  copyPadded(frame.data, packet.head, packet.headLength);
  if (length > packet.headLength) memory.copy(frame.data + packet.headLength, fill, length - packet.headLength);
  return frame;
}

// @ts-ignore: decorator
@inline
function describe(frame: XdpFrame, rq: RxQueue, packet: Packet): void {
  frame.devRx = rq.device;
  frame.rxQueue = rq.index;
  frame.hash = packet.hash;
  frame.tag = 0;
}

/** What does not go into the first buffer goes to fragments, each a whole buffer. */
function packetToFragments(ctx: Context, rq: RxQueue, packet: Packet, fill: usize): XdpFrame | null {
  const linear = linearOf(ctx, packet);
  const fragBytes = ctx.pool.frameSz;
  const nrFrags = framesOf(ctx, packet) - 1;
  if (framePoolRefill(ctx.pool, nrFrags + 1) < nrFrags + 1) return null;
  const frame = frameReceive(ctx);
  framePrepare(frame, linear);
  describe(frame, rq, packet);
  copyPart(frame.data, packet, fill, 0, linear);
  let last: XdpFrame | null = null;
  for (let at = linear; at < packet.length; at += fragBytes) {
    const frag = frameAlloc(ctx);
    frag.data = frag.dataHardStart;
    frag.len = min(fragBytes, packet.length - at);
    frag.next = null;
    frag.flags = FrameFlag.FRAG;
    copyPart(frag.data, packet, fill, at, frag.len);
    if (last) last.next = frag;
    else frame.frags = frag;
    last = frag;
  }
  frame.flags = FrameFlag.HAS_FRAGS;
  frame.nrFrags = nrFrags;
  frame.fragsSize = packet.length - linear;
  return frame;
}

/** Bytes `from` .. `from + length` of the packet: its head, then filling. */
function copyPart(to: usize, packet: Packet, fill: usize, from: u32, length: u32): void {
  const own = from < packet.headLength ? min(length, packet.headLength - from) : 0;
  if (own) memory.copy(to, packet.head + from, own);
  if (length > own) memory.copy(to + own, fill + from + own - packet.headLength, length - own);
}
