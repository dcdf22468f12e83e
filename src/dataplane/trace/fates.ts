import { frameCopyOut } from "../frame/bytes";
import { hasFrags, xdpGetFrameLen } from "../frame/buff";
import { returnFrags, returnOne } from "../frame/pool";
import { Context, FrameFlag, RecordKind, Recording, TraceRecord, XdpFrame } from "../layout";
import { recording } from "../machine";
import { Fate, Sink } from "./kinds";
import { traceCommit, traceReserve } from "./ring";

/** The one end of every frame: counted, recorded if somebody wants to know, and the frame goes back to its pool. */

/** `target`: the ifindex, CPU or socket id that the fate is about. */
export function frameEnd(ctx: Context, frame: XdpFrame, fate: Fate, target: u32): void {
  if (ctx.trace != null) recordFate(ctx, frame, fate, target);
  if (hasFrags(frame)) returnFrags(ctx, frame);
  // Together with the frame's return: see `frameReceive`.
  const counter = ctx.fates + (<usize>fate << 3);
  store<u64>(counter, load<u64>(counter) + 1);
  returnOne(ctx, frame);
}

function recordFate(ctx: Context, frame: XdpFrame, fate: Fate, target: u32): void {
  if (frame.tag == 0 && (recording() & Recording.FATES) == 0) return;
  const record = traceReserve(ctx, RecordKind.FATE, fate, frame, offsetof<TraceRecord>());
  if (record == null) return;
  record.a = target;
  record.b = xdpGetFrameLen(frame);
  traceCommit(ctx, record);
}

/** `copy` was made of the frame that carries `parent`. */
export function recordClone(ctx: Context, copy: XdpFrame, parent: u32): void {
  if (ctx.trace == null) return;
  if (parent == 0 && (recording() & Recording.FATES) == 0) return;
  const record = traceReserve(ctx, RecordKind.CLONE, 0, copy, offsetof<TraceRecord>());
  if (record == null) return;
  record.a = parent;
  traceCommit(ctx, record);
}

/** The bytes of a frame that reached a sink, if they are captured. */
// @ts-ignore: decorator
@inline
export function captureFrame(ctx: Context, frame: XdpFrame, sink: Sink, target: u32, queue: u32): void {
  if (ctx.trace != null) recordCapture(ctx, frame, sink, target, queue);
}

function recordCapture(ctx: Context, frame: XdpFrame, sink: Sink, target: u32, queue: u32): void {
  if ((frame.flags & FrameFlag.INJECTED) == 0 && (recording() & Recording.CAPTURE) == 0) return;
  const length = xdpGetFrameLen(frame);
  const record = traceReserve(ctx, RecordKind.CAPTURE, sink, frame, offsetof<TraceRecord>() + length);
  if (record == null) return;
  record.a = target;
  record.b = length;
  record.c = queue;
  frameCopyOut(frame, changetype<usize>(record) + offsetof<TraceRecord>());
  traceCommit(ctx, record);
}
