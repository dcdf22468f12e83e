import { load32 } from "../atomics";
import { frameAt } from "../frame/array";
import { xdpGetFrameLen } from "../frame/buff";
import { handOver } from "../frame/pool";
import { Context, Device, FrameQueue } from "../layout";
import { ptrRingFree, ptrRingLock, ptrRingProduce, ptrRingUnlock } from "../ring/ptrRing";
import { traceDeviceRing, traceXmitError } from "../trace/ledger";
import { Errno, XDP_XMIT_FLUSH } from "../uapi";
import { queueNotify } from "./queue";

/** The ring that this CPU transmits on (`veth_select_rxq`). */
// @ts-ignore: decorator
@inline
function selectQueue(ctx: Context, dev: Device): FrameQueue {
  const cpu = ctx.cpu;
  const index = cpu && dev.nrXmitQueues > 1 ? cpu.id % dev.nrXmitQueues : 0;
  return changetype<FrameQueue>(<usize>load<u32>(dev.xmitQueues + (<usize>index << 2)));
}

/**
 * The driver's `ndo_xdp_xmit` (as `veth_xdp_xmit` has it) for the u32 array `frames`. Returns how many were taken, the
 * rest is the caller's; or a negative errno, then none was.
 */
export function ndoXdpXmit(ctx: Context, dev: Device, frames: usize, n: u32, flags: u32): i32 {
  const error = <i32>load32(changetype<usize>(dev) + offsetof<Device>("xmitError"));
  if (error != 0 || dev.nrXmitQueues == 0) {
    const err = error != 0 ? error : -Errno.ENXIO;
    if (ctx.trace != null) traceXmitError(ctx, dev, frames, n, err);
    return err;
  }
  const queue = selectQueue(ctx, dev);
  const longest = load32(changetype<usize>(dev) + offsetof<Device>("xmitMaxLength"));
  const ring = queue.ring;
  ptrRingLock(ring, ctx.id + 1);
  const free = ptrRingFree(ring, n);
  let taken: u32 = 0;
  while (taken < free && (longest == 0 || xdpGetFrameLen(frameAt(frames, taken)) <= longest)) {
    handOver(ctx, frameAt(frames, taken));
    taken++;
  }
  if (ctx.trace != null) traceDeviceRing(ctx, dev, queue, frames, n, free, taken, longest);
  ptrRingProduce(ring, frames, taken);
  ptrRingUnlock(ring);
  if (flags & XDP_XMIT_FLUSH) queueNotify(queue);
  return taken;
}

/** Whether `ndoXdpXmit` would take a frame now, as far as one can tell without its lock. */
export function xmitMayTake(ctx: Context, dev: Device): bool {
  if (load32(changetype<usize>(dev) + offsetof<Device>("xmitError")) != 0 || dev.nrXmitQueues == 0) return false;
  return ptrRingFree(selectQueue(ctx, dev).ring, 1) != 0;
}

/** Notifies the receiver of what was sent without XDP_XMIT_FLUSH. */
export function xmitFlush(ctx: Context, dev: Device): void {
  if (dev.nrXmitQueues != 0) queueNotify(selectQueue(ctx, dev));
}
