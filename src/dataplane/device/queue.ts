import { load32, store32, xchg32 } from "../atomics";
import { frameAt } from "../frame/array";
import { xdpGetFrameLen } from "../frame/buff";
import { takeOver } from "../frame/pool";
import { wakeUp } from "../context/wake";
import { Context, FrameQueue } from "../layout";
import { ptrRingConsume, ptrRingEmpty } from "../ring/ptrRing";

/**
 * A ring of frames with one consumer (veth's `xdp_ring`, a transmit ring). Where `needsFlush`, frames that came without
 * XDP_XMIT_FLUSH wait, and keep their slots, until a later one notifies.
 */

// @ts-ignore: decorator
@inline
function notifiedOf(queue: FrameQueue): usize {
  return changetype<usize>(queue) + offsetof<FrameQueue>("notified");
}

/** `__veth_xdp_flush`: the receiver has to look. */
export function queueNotify(queue: FrameQueue): void {
  if (queue.needsFlush) store32(notifiedOf(queue), 1);
  wakeUp(queue.consumer);
}

/** Takes up to `n` frames into the u32 array `into`; only the consumer calls this. */
export function queueTake(ctx: Context, queue: FrameQueue, into: usize, n: u32): u32 {
  if (queue.needsFlush && queue.draining == 0) {
    if (load32(notifiedOf(queue)) == 0 || xchg32(notifiedOf(queue), 0) == 0) return 0;
    queue.draining = 1;
  }
  const taken = ptrRingConsume(queue.ring, into, n);
  // Found empty: what comes now is not ours before the next notification (napi_complete).
  if (taken < n) queue.draining = 0;
  let bytes: u64 = 0;
  for (let i: u32 = 0; i < taken; i++) {
    const frame = frameAt(into, i);
    takeOver(ctx, frame);
    bytes += xdpGetFrameLen(frame);
  }
  queue.frames += taken;
  queue.bytes += bytes;
  return taken;
}

/** Whether `queueTake` would find something. */
export function queueHasWork(queue: FrameQueue): bool {
  if (queue.needsFlush && queue.draining == 0 && load32(notifiedOf(queue)) == 0) return false;
  return queue.needsFlush != 0 || !ptrRingEmpty(queue.ring);
}
