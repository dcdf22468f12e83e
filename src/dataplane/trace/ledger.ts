import { frameAt } from "../frame/array";
import { xdpCopyOut } from "../frame/bytes";
import { xdpGetBuffLen, xdpGetFrameLen } from "../frame/buff";
import {
  BpfCpuMapEntry, BpfProg, Context, Device, FrameQueue, PtrRing, RecordKind, Recording, RxQueue, TraceRecord, XdpBuff,
  XdpFrame, XdpSock,
} from "../layout";
import { machine, recording } from "../machine";
import { ptrRingRoom } from "../ring/ptrRing";
import { Origin, ProgramHook, Queue } from "./kinds";
import { traceCommit, traceReserve } from "./ring";
import { tagFrames } from "./tags";

/**
 * Every step of every frame, where somebody keeps the ledger. All of this is behind `ctx.trace != null`: a run that
 * nobody watches pays one branch that is always the same.
 */

/** Of a frame that comes in: enough to know its flow, whatever VLAN tags and extension headers it has. */
const HEAD_BYTES: u32 = 128;

// @ts-ignore: decorator
@inline
function isKept(): bool {
  return (recording() & Recording.LEDGER) != 0;
}

/** A poll found the `n` frames in `ctx.frames` on a receive queue. */
export function traceReceive(ctx: Context, rq: RxQueue, n: u32): void {
  if (!isKept()) return;
  tagFrames(ctx.frames, n);
  for (let i: u32 = 0; i < n; i++) {
    receive(ctx, frameAt(ctx.frames, i), rq.device, rq.index, Origin.QUEUE);
  }
}

/**
 * An application sends `frame`, the one in `ctx.frames`, on `dev`. Told before the device is asked, so that it comes before
 * what others do with the frame: one that the device then does not take was never sent.
 */
export function traceSend(ctx: Context, dev: Device, frame: XdpFrame): void {
  if (!isKept()) return;
  tagFrames(ctx.frames, 1);
  receive(ctx, frame, dev, 0, Origin.SOCKET);
}

function receive(ctx: Context, frame: XdpFrame, dev: Device, queue: u32, origin: Origin): void {
  const bytes = min(frame.len, HEAD_BYTES);
  const record = traceReserve(ctx, RecordKind.RECEIVE, origin, frame, offsetof<TraceRecord>() + bytes);
  if (record == null) return;
  record.a = dev.ifindex;
  record.b = bytes;
  record.c = queue;
  record.d = xdpGetFrameLen(frame);
  memory.copy(dataOf(record), frame.data, bytes);
  traceCommit(ctx, record);
}

// @ts-ignore: decorator
@inline
function dataOf(record: TraceRecord): usize {
  return changetype<usize>(record) + offsetof<TraceRecord>();
}

/** `prog` is about to run; what its helpers refuse from now on is its own. */
export function traceProgramEntry(ctx: Context, prog: BpfProg, xdp: XdpBuff, hook: ProgramHook): void {
  ctx.cpu!.ri.refusal = 0;
  const record = reserveProgram(ctx, RecordKind.PROGRAM_ENTRY, hook, xdp);
  if (record == null) return;
  record.a = prog.id;
  record.d = xdp.ingressIfindex;
  record.e = xdp.egressIfindex;
  record.f = xdp.rxQueueIndex;
  traceCommit(ctx, record);
}

/** It returned `action`, and this is what `xdp_do_redirect` would go by. */
export function traceProgramExit(ctx: Context, xdp: XdpBuff, hook: ProgramHook, action: u32): void {
  const record = reserveProgram(ctx, RecordKind.PROGRAM_EXIT, hook, xdp);
  if (record == null) return;
  const ri = ctx.cpu!.ri;
  record.a = action;
  record.d = ri.mapType;
  record.e = ri.mapId;
  record.f = ri.tgtIndex;
  record.g = ri.flags;
  record.h = ri.refusal;
  record.i = ri.refusedMapId;
  record.j = ri.refusedKey;
  traceCommit(ctx, record);
}

/** Field `c` is the frame's length, `b` how much of it follows. */
function reserveProgram(ctx: Context, kind: RecordKind, hook: ProgramHook, xdp: XdpBuff): TraceRecord | null {
  const length = xdpGetBuffLen(xdp);
  const bytes = (recording() & Recording.STAGES) != 0 ? min(length, machine().snapLength) : 0;
  const record = traceReserve(ctx, kind, hook, xdp.frame, offsetof<TraceRecord>() + bytes);
  if (record == null) return null;
  record.b = bytes;
  record.c = length;
  if (bytes != 0) xdpCopyOut(xdp, dataOf(record), bytes);
  return record;
}

/**
 * The `n` frames at `frames` met the ring of a cpumap entry, of which the first `taken` found a slot. The producer lock is
 * held and none is published yet: this comes before what the kthread does with them.
 */
export function traceCpumapRing(ctx: Context, rcpu: BpfCpuMapEntry, frames: usize, n: u32, taken: u32): void {
  const record = reserveEnqueue(ctx, Queue.CPUMAP, n, taken);
  if (record == null) return;
  putTags(record, frames, n);
  record.a = rcpu.cpu;
  record.c = rcpu.mapId;
  setRing(record, rcpu.queue, n, taken);
  traceCommit(ctx, record);
}

/** The same for the ring that `ndo_xdp_xmit` of `dev` fills; `longest`: what it stops at, 0 for nothing. */
export function traceDeviceRing(
  ctx: Context, dev: Device, queue: FrameQueue, frames: usize, n: u32, free: u32, taken: u32, longest: u32,
): void {
  const record = reserveEnqueue(ctx, Queue.DEVICE, n, taken);
  if (record == null) return;
  putTags(record, frames, n);
  record.a = dev.ifindex;
  record.c = queue.index;
  setRing(record, queue.ring, n, free);
  record.i = longest;
  if (taken < n) record.j = xdpGetFrameLen(frameAt(frames, taken));
  traceCommit(ctx, record);
}

/** `free`: slots that were found free of the `n` that were looked for. */
function setRing(record: TraceRecord, ring: PtrRing, n: u32, free: u32): void {
  // Who found too little room has seen all of it.
  record.d = ring.size - (free < n ? free : ptrRingRoom(ring));
  record.e = ring.size;
}

/** `ndo_xdp_xmit` of `dev` returned `err`: it took none of the `n` frames. */
export function traceXmitError(ctx: Context, dev: Device, frames: usize, n: u32, err: i32): void {
  const record = reserveEnqueue(ctx, Queue.DEVICE, n, 0);
  if (record == null) return;
  putTags(record, frames, n);
  record.a = dev.ifindex;
  record.h = err;
  traceCommit(ctx, record);
}

/** `dev` cannot transmit `frame`, which is longer than `longest` or not: `err` says why. */
export function traceNoEnqueue(ctx: Context, dev: Device, frame: XdpFrame, longest: u32, err: i32): void {
  const record = reserveEnqueue(ctx, Queue.DEVICE_BULK, 1, 0);
  if (record == null) return;
  store<u32>(dataOf(record), frame.tag);
  record.a = dev.ifindex;
  record.h = err;
  record.i = longest;
  record.j = xdpGetFrameLen(frame);
  traceCommit(ctx, record);
}

/**
 * The frame in hand met the RX ring of `xs`: before its bytes are visible to the application, or after it was refused
 * with `err`. `longest`: what fits its chunks. `filled`: chunks that the kernel had to put frames into.
 */
export function traceSocketRing(
  ctx: Context, xs: XdpSock, xdp: XdpBuff, depth: u32, filled: u32, longest: u32, err: i32,
): void {
  const record = reserveEnqueue(ctx, Queue.SOCKET, 1, err == 0 ? 1 : 0);
  if (record == null) return;
  store<u32>(dataOf(record), xdp.frame.tag);
  record.a = xs.id;
  record.c = xs.queueId;
  record.d = depth;
  record.e = xs.rx.nentries;
  record.f = filled;
  record.h = err;
  record.i = longest;
  record.j = xdpGetBuffLen(xdp);
  traceCommit(ctx, record);
}

/** Of `n` frames, whose tags follow, the first `taken` were taken. */
function reserveEnqueue(ctx: Context, queue: Queue, n: u32, taken: u32): TraceRecord | null {
  if (!isKept()) return null;
  const bytes = n << 2;
  const record = traceReserve(ctx, RecordKind.ENQUEUE, queue, null, offsetof<TraceRecord>() + bytes);
  if (record == null) return null;
  record.b = bytes;
  record.c = 0;
  record.d = 0;
  record.e = 0;
  record.f = 0;
  record.g = taken;
  record.h = 0;
  record.i = 0;
  record.j = 0;
  return record;
}

function putTags(record: TraceRecord, frames: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) store<u32>(dataOf(record) + (<usize>i << 2), frameAt(frames, i).tag);
}
