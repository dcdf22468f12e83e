import { Failure, fail } from "../failure";
import { Context, Device, FrameFlag, FrameOwner, FramePool, LINE, PtrRing, XdpFrame, XdpFrameBulk } from "../layout";
import { ptrRingBytes, ptrRingConsume, ptrRingEmpty, ptrRingFree, ptrRingInit, ptrRingLock, ptrRingProduce, ptrRingUnlock } from "../ring/ptrRing";
import { wakeUp } from "../context/wake";
import { XDP_FRAME_BYTES, XDP_PACKET_HEADROOM } from "../uapi";
import { frameAt } from "./array";

/**
 * Frames of a context: what a driver's page pool is in the kernel. The owner allocates from a stack; whoever else ends
 * up with a frame gives it back by the pool's recycle ring, many at once.
 */

/** Frames on their way back to one pool before they are handed over (the kernel's XDP_BULK_QUEUE_SIZE is 16). */
const XDP_BULK_FRAMES: u32 = 64;
/** The recycle ring must take every frame, also while its consumer holds back a group of slots. */
const RECYCLE_SLACK: u32 = 64;

/** Between frames: an odd number of cache lines, so that they spread over all cache sets. */
const FRAME_GAP_BYTES: u32 = 64;

/** Bytes of a pool without its frames' own. */
export function framePoolBytes(nrFrames: u32): u32 {
  return <u32>(LINE * 2) + ptrRingBytes(nrFrames + RECYCLE_SLACK) + 3 * <u32>LINE + 2 * nrFrames * 4
    + nrFrames * offsetof<XdpFrame>();
}

/** Bytes of the frames of a pool: what programs may touch. */
export function framePoolDataBytes(nrFrames: u32, frameSz: u32): u32 {
  return nrFrames * (frameSz + FRAME_GAP_BYTES);
}

// @ts-ignore: decorator
@inline
function align(address: usize): usize {
  return (address + LINE - 1) & ~(LINE - 1);
}

/** Makes zeroed memory a pool of `nrFrames` free frames whose bytes are at `data`; `frameSz` is a multiple of 64. */
export function framePoolInit(pool: FramePool, data: usize, owner: Context, nrFrames: u32, frameSz: u32): void {
  pool.owner = owner;
  pool.nrFrames = nrFrames;
  pool.frameSz = frameSz;
  pool.recycle = changetype<PtrRing>(changetype<usize>(pool) + LINE * 2);
  ptrRingInit(pool.recycle, nrFrames + RECYCLE_SLACK);
  pool.free = align(changetype<usize>(pool.recycle) + ptrRingBytes(nrFrames + RECYCLE_SLACK));
  pool.owners = align(pool.free + (<usize>nrFrames << 2));
  pool.base = align(pool.owners + (<usize>nrFrames << 2));
  // The first frame is on top of the stack.
  for (let i: u32 = 0; i < nrFrames; i++) {
    const index = nrFrames - 1 - i;
    const frame = poolFrame(pool, index);
    frame.pool = pool;
    frame.ownerAt = pool.owners + (<usize>index << 2);
    frame.dataHardStart = data + <usize>index * (frameSz + FRAME_GAP_BYTES);
    frame.owner = FrameOwner.FREE;
    store<u32>(pool.free + (<usize>i << 2), changetype<usize>(frame));
  }
  pool.own.nrFree = nrFrames;
}

/** The `index`th frame of the pool. */
export function poolFrame(pool: FramePool, index: u32): XdpFrame {
  return changetype<XdpFrame>(pool.base + <usize>index * offsetof<XdpFrame>());
}

export function frameBulkBytes(): u32 {
  return offsetof<XdpFrameBulk>() + XDP_BULK_FRAMES * 4;
}

// @ts-ignore: decorator
@inline
export function holder(ctx: Context): u32 {
  return ctx.id + FrameOwner.CONTEXT;
}

/** Asserts that `ctx` holds the frame, and passes it to a ring. */
// @ts-ignore: decorator
@inline
export function handOver(ctx: Context, frame: XdpFrame): void {
  changeOwner(ctx, frame, holder(ctx), FrameOwner.RING);
}

/** `ctx` took the frame from a ring. */
// @ts-ignore: decorator
@inline
export function takeOver(ctx: Context, frame: XdpFrame): void {
  changeOwner(ctx, frame, FrameOwner.RING, holder(ctx));
}

// @ts-ignore: decorator
@inline
function changeOwner(ctx: Context, frame: XdpFrame, from: u32, to: u32): void {
  if (frame.owner != from) fail(Failure.NOT_OWNER, ctx.id, changetype<usize>(frame));
  frame.owner = to;
  if (frame.flags & FrameFlag.HAS_FRAGS) setFragOwners(frame, to);
}

/** Fragments belong to whoever holds their frame. */
export function setFragOwners(frame: XdpFrame, owner: u32): void {
  let frag = frame.frags;
  while (frag) {
    frag.owner = owner;
    frag = frag.next;
  }
}

/** Makes sure that `n` frames can be allocated, if they have come back; returns how many can (at most `n`). */
// @ts-ignore: decorator
@inline
export function framePoolRefill(pool: FramePool, n: u32): u32 {
  return pool.own.nrFree >= n ? n : refill(pool, n);
}

function refill(pool: FramePool, n: u32): u32 {
  pool.own.nrFree += ptrRingConsume(pool.recycle, pool.free + (<usize>pool.own.nrFree << 2), pool.nrFrames - pool.own.nrFree);
  return min(pool.own.nrFree, n);
}

/** Whether `framePoolRefill` is worth a try for `n`: after one that failed, not before a frame has come back. */
export function framePoolMayHave(pool: FramePool, n: u32): bool {
  return pool.own.nrFree >= n || !ptrRingEmpty(pool.recycle);
}

/**
 * Writes to each of the next `n` frames what will be true of it anyway. Their lines are with whoever read them last: now
 * they are all asked for at once, instead of each when its frame is filled, which would wait for it.
 */
export function framesClaim(pool: FramePool, n: u32, dev: Device): void {
  const nrFree = pool.own.nrFree;
  for (let i: u32 = 1; i <= n; i++) frameAt(pool.free, nrFree - i).devRx = dev;
}

/** A frame that `framePoolRefill` promised. Its headroom is the driver's; it has no data yet. */
// @ts-ignore: decorator
@inline
export function frameAlloc(ctx: Context): XdpFrame {
  const pool = ctx.pool;
  const frame = frameAt(pool.free, --pool.own.nrFree);
  if (frame.owner != FrameOwner.FREE) fail(Failure.NOT_FREE, ctx.id, changetype<usize>(frame));
  frame.owner = holder(ctx);
  return frame;
}

/**
 * The same for a frame that comes in from outside. A worker can be ended at the head of any loop and any function: with
 * nothing of that kind in between, what a dead one holds is what it has counted. The same goes for `frameEnd`.
 */
// @ts-ignore: decorator
@inline
export function frameReceive(ctx: Context): XdpFrame {
  const frame = frameAlloc(ctx);
  ctx.received++;
  return frame;
}

/** Nobody took the frame that came in: it is as if it had not. */
export function frameRefuse(ctx: Context, frame: XdpFrame): void {
  ctx.received--;
  returnOne(ctx, frame);
}

/** Sets `length` linear bytes at the driver's headroom. */
// @ts-ignore: decorator
@inline
export function framePrepare(frame: XdpFrame, length: u32): void {
  frame.data = frame.dataHardStart + XDP_PACKET_HEADROOM;
  frame.len = length;
  frame.headroom = XDP_PACKET_HEADROOM - XDP_FRAME_BYTES;
  frame.metasize = 0;
  // Without HAS_FRAGS nobody looks at the fields of fragments.
  frame.flags = 0;
}

/** `xdp_return_frame`: the frame and its fragments go back to their pool. */
// @ts-ignore: decorator
@inline
export function xdpReturnFrame(ctx: Context, frame: XdpFrame): void {
  if (frame.flags & FrameFlag.HAS_FRAGS) returnFrags(ctx, frame);
  returnOne(ctx, frame);
}

/** The frame's fragments go first; it has none any more. */
export function returnFrags(ctx: Context, frame: XdpFrame): void {
  let frag = frame.frags;
  while (frag) {
    frame.frags = frag.next;
    returnOne(ctx, frag);
    frag = frame.frags;
  }
}

/** One frame without its fragments. */
// @ts-ignore: decorator
@inline
export function returnOne(ctx: Context, frame: XdpFrame): void {
  if (frame.owner != holder(ctx)) fail(Failure.NOT_OWNER, ctx.id, changetype<usize>(frame));
  frame.owner = FrameOwner.FREE;
  const pool = frame.pool;
  if (pool == ctx.pool) {
    store<u32>(pool.free + (<usize>(pool.own.nrFree++) << 2), changetype<usize>(frame));
    return;
  }
  const bulk = ctx.bulk;
  if (bulk.pool != pool || bulk.count == XDP_BULK_FRAMES) startBulk(ctx, pool);
  store<u32>(changetype<usize>(bulk) + offsetof<XdpFrameBulk>() + (<usize>(bulk.count++) << 2), changetype<usize>(frame));
}

function startBulk(ctx: Context, pool: FramePool): void {
  xdpFlushFrameBulk(ctx);
  ctx.bulk.pool = pool;
}

/** `xdp_flush_frame_bulk`: at the end of every step, so that no frame stays with a context that sleeps. */
export function xdpFlushFrameBulk(ctx: Context): void {
  const bulk = ctx.bulk;
  const count = bulk.count;
  if (count == 0) return;
  const pool = bulk.pool!;
  const items = changetype<usize>(bulk) + offsetof<XdpFrameBulk>();
  ptrRingLock(pool.recycle, ctx.id + 1);
  const free = ptrRingFree(pool.recycle, count);
  if (free < count) fail(Failure.RECYCLE_FULL, ctx.id, load<u32>(items + (<usize>free << 2)));
  ptrRingProduce(pool.recycle, items, count);
  ptrRingUnlock(pool.recycle);
  bulk.count = 0;
  bulk.pool = null;
  owe(ctx, pool.owner, count);
}

/** A receiver that waits for frames is woken once this many have come back, or whoever returns them has no more to do. */
const WAKE_FRAMES: u32 = 512;

/** On few cores a wake-up for every few frames costs more than the frames: they are saved up. */
function owe(ctx: Context, owner: Context, frames: u32): void {
  if (ctx.owed != owner) {
    settle(ctx);
    ctx.owed = owner;
  }
  ctx.owedFrames += frames;
  if (ctx.owedFrames >= WAKE_FRAMES) settle(ctx);
}

/** Wakes whom the context still owes a wake-up: before it stops returning frames. */
export function settle(ctx: Context): void {
  const owed = ctx.owed;
  if (owed == null) return;
  ctx.owed = null;
  ctx.owedFrames = 0;
  wakeUp(owed);
}
