import { load32, lock, unlock } from "../atomics";
import { wakeUp } from "../context/wake";
import { hasFrags, xdpGetBuffLen, xdpUpdateFrameFromBuff } from "../frame/buff";
import { xdpLoadBytes } from "../frame/bytes";
import { copyPacket } from "../frame/copy";
import { Context, Cpu, Device, XdpBuff, XdpSock, XskBuffPool, XskBuffPoolReceiver } from "../layout";
import {
  xskqConsAddr, xskqConsEntries, xskqConsHasEntry, xskqConsNext, xskqConsPeek, xskqConsRelease, xskqProdDepth, xskqProdDesc,
  xskqProdIsFull, xskqProdSubmit,
} from "../ring/xskQueue";
import { captureFrame, frameEnd } from "../trace/fates";
import { Fate, Sink } from "../trace/kinds";
import { traceSocketRing } from "../trace/ledger";
import { Errno, XDP_PACKET_HEADROOM } from "../uapi";

/** AF_XDP receive in copy mode (net/xdp/xsk.c, xsk_buff_pool.c): the frame is copied into the UMEM and freed. */

/** `__xsk_map_redirect`: 0, or a negative errno with the frame still the caller's. */
export function xskMapRedirect(ctx: Context, xs: XdpSock, xdp: XdpBuff): i32 {
  const locked = rxLockTake(ctx, xs.pool);
  const err = ctx.trace == null ? xskRcv(xs, xdp) : xskRcvRecorded(ctx, xs, xdp);
  if (err == 0 && xs.receiver.onFlushList == 0) {
    const cpu = ctx.cpu!;
    xs.receiver.onFlushList = 1;
    xs.receiver.flushNext = cpu.xskMapFlushList;
    cpu.xskMapFlushList = xs;
  }
  if (locked) unlock(rxLock(xs.pool));
  if (err != 0) return err;
  // The copy is what counts; the frame is brought up to date for those who record it.
  if (ctx.trace != null) xdpUpdateFrameFromBuff(xdp, xdp.frame);
  captureFrame(ctx, xdp.frame, Sink.SOCKET, xs.id, xs.queueId);
  frameEnd(ctx, xdp.frame, Fate.SOCKET, xs.id);
  return 0;
}

/**
 * Where several contexts can deliver, the lock holds them apart. A socket is on one CPU's flush list at a time; what another
 * CPU delivers meanwhile becomes visible with that flush, which cannot have begun: it takes the lock too.
 */
function rxLockTake(ctx: Context, pool: XskBuffPool): bool {
  if (load32(changetype<usize>(pool) + offsetof<XskBuffPool>("needsLock")) == 0) return false;
  lock(rxLock(pool), ctx.id + 1);
  return true;
}

// @ts-ignore: decorator
@inline
function rxLock(pool: XskBuffPool): usize {
  return changetype<usize>(pool.receiver) + offsetof<XskBuffPoolReceiver>("rxLock");
}

function xskRcvRecorded(ctx: Context, xs: XdpSock, xdp: XdpBuff): i32 {
  const depth = xskqProdDepth(xs.rx);
  const filled = xskqConsEntries(xs.pool.fq) + xs.pool.receiver.freeListCnt;
  const err = xskRcv(xs, xdp);
  traceSocketRing(ctx, xs, xdp, depth, filled, rxFrameSize(xs.pool), err);
  return err;
}

/** `xsk_rcv`, copy mode. */
function xskRcv(xs: XdpSock, xdp: XdpBuff): i32 {
  const dev = changetype<Device | null>(<usize>load32(changetype<usize>(xs) + offsetof<XdpSock>("dev")));
  if (dev == null) return -Errno.ENXIO;
  if (dev != xdp.rxDev || xs.queueId != xdp.rxQueueIndex) return -Errno.EINVAL;
  const pool = xs.pool;
  const length = xdpGetBuffLen(xdp);
  if (length > rxFrameSize(pool)) {
    xs.receiver.rxDropped++;
    return -Errno.ENOSPC;
  }
  // `__xsk_rcv`: a frame in one piece takes its buffer first, one with fragments asks for both before it takes any.
  const fragmented = hasFrags(xdp.frame);
  let chunk: i64 = -1;
  if (fragmented ? !xpCanAlloc(pool) : (chunk = xpAlloc(pool)) < 0) {
    xs.receiver.rxDropped++;
    return -Errno.ENOMEM;
  }
  if (xskqProdIsFull(xs.rx)) {
    xs.receiver.rxQueueFull++;
    if (!fragmented) xpFree(pool, <u32>chunk);
    return -Errno.ENOBUFS;
  }
  if (fragmented) chunk = xpAlloc(pool);
  const addr = <u32>chunk + pool.headroom + XDP_PACKET_HEADROOM;
  const metalen = xdp.data - xdp.dataMeta;
  if (metalen) memory.copy(pool.umem + addr - metalen, xdp.dataMeta, metalen);
  if (fragmented) xdpLoadBytes(xdp, 0, pool.umem + addr, length);
  else copyPacket(pool.umem + addr, xdp.data, length);
  xskqProdDesc(xs.rx, addr, length);
  xs.receiver.rxFrames++;
  xs.receiver.rxBytes += length;
  return 0;
}

/** `xsk_pool_get_rx_frame_size`. */
// @ts-ignore: decorator
@inline
export function rxFrameSize(pool: XskBuffPool): u32 {
  return pool.chunkSize - pool.headroom - XDP_PACKET_HEADROOM;
}

/** `xp_alloc`: the offset of a chunk in the UMEM, from the free list or else the FILL ring; -1 where there is none. */
function xpAlloc(pool: XskBuffPool): i64 {
  if (pool.receiver.freeListCnt != 0) return <i64>load<u32>(pool.freeList + (<usize>(--pool.receiver.freeListCnt) << 2));
  const fq = pool.fq;
  while (xskqConsPeek(fq)) {
    const addr = xskqConsAddr(fq) & ~<u64>(pool.chunkSize - 1);
    xskqConsNext(fq);
    if (addr < <u64>pool.nrChunks * pool.chunkSize) return <i64>addr;
    fq.own.invalidDescs++;
  }
  fq.own.queueEmptyDescs++;
  return -1;
}

/** `xp_can_alloc`, for one. */
function xpCanAlloc(pool: XskBuffPool): bool {
  if (pool.receiver.freeListCnt != 0 || xskqConsHasEntry(pool.fq)) return true;
  pool.fq.own.queueEmptyDescs++;
  return false;
}

/** `xsk_buff_free` of a chunk that was not used. */
function xpFree(pool: XskBuffPool, chunk: u32): void {
  store<u32>(pool.freeList + (<usize>(pool.receiver.freeListCnt++) << 2), chunk);
}

/** `xsk_flush`: what was received becomes visible, and the application is woken. */
function xskFlush(xs: XdpSock): void {
  xskqProdSubmit(xs.rx);
  xskqConsRelease(xs.pool.fq);
  wakeUp(xs.app);
}

/** `__xsk_map_flush`. */
export function xskMapFlush(ctx: Context, cpu: Cpu): void {
  let xs = cpu.xskMapFlushList;
  cpu.xskMapFlushList = null;
  while (xs) {
    const next = xs.receiver.flushNext;
    const locked = rxLockTake(ctx, xs.pool);
    xs.receiver.onFlushList = 0;
    xs.receiver.flushNext = null;
    xskFlush(xs);
    if (locked) unlock(rxLock(xs.pool));
    xs = next;
  }
}
