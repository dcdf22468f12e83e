import { load32 } from "../atomics";
import { queueHasWork, queueTake } from "../device/queue";
import { stampCheck } from "../device/stamp";
import { frameAt } from "../frame/array";
import { Context, WireQueue } from "../layout";
import { captureFrame, frameEnd } from "../trace/fates";
import { Fate, Sink } from "../trace/kinds";

/** The far end of a device: frames leave the machine here. */

// @ts-ignore: decorator
@inline
function stalled(wire: WireQueue): bool {
  return load32(changetype<usize>(wire) + offsetof<WireQueue>("stalled")) != 0;
}

export function wireHasWork(wire: WireQueue): bool {
  return !stalled(wire) && queueHasWork(wire);
}

/** Delivers up to `budget` frames; returns how many. */
export function wireDrain(ctx: Context, wire: WireQueue, budget: u32): u32 {
  if (stalled(wire)) return 0;
  const n = queueTake(ctx, wire, ctx.frames, budget);
  const ifindex = wire.device.ifindex;
  for (let i: u32 = 0; i < n; i++) {
    const frame = frameAt(ctx.frames, i);
    stampCheck(ctx, wire.stamps, frame);
    captureFrame(ctx, frame, Sink.DEVICE, ifindex, wire.index);
    frameEnd(ctx, frame, Fate.TRANSMITTED, ifindex);
  }
  return n;
}
