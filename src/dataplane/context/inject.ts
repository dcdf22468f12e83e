import { packetToFrame } from "../device/packet";
import { queueNotify } from "../device/queue";
import { frameRefuse, handOver } from "../frame/pool";
import { Context, FrameFlag, Packet, RxQueue } from "../layout";
import { ptrRingFree, ptrRingLock, ptrRingProduce, ptrRingUnlock } from "../ring/ptrRing";
import { Errno } from "../uapi";

/** Frames that control puts on a receive queue, each with a tag by which its fates are known. */

/**
 * 0, -ENOMEM (no free frame) or -ENOBUFS (the queue is full): try again once frames have come back. `more`: others follow
 * at once and the receiver is told with the last (`netdev_xmit_more`).
 */
export function injectFrame(ctx: Context, rq: RxQueue, packet: Packet, tag: u32, more: bool): i32 {
  const frame = packetToFrame(ctx, rq, packet, 0);
  if (frame == null) return -Errno.ENOMEM;
  frame.tag = tag;
  frame.flags |= FrameFlag.INJECTED;
  store<u32>(ctx.frames, changetype<usize>(frame));
  ptrRingLock(rq.ring, ctx.id + 1);
  if (ptrRingFree(rq.ring, 1) == 0) {
    ptrRingUnlock(rq.ring);
    frameRefuse(ctx, frame);
    return -Errno.ENOBUFS;
  }
  handOver(ctx, frame);
  ptrRingProduce(rq.ring, ctx.frames, 1);
  ptrRingUnlock(rq.ring);
  if (!more) queueNotify(rq);
  return 0;
}
