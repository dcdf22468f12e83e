import { load32 } from "../atomics";
import { stampCheckBytes } from "../device/stamp";
import { ndoXdpXmit, xmitMayTake } from "../device/xmit";
import { framePoolMayHave, framePoolRefill, framePrepare, frameReceive, frameRefuse } from "../frame/pool";
import { linearMax } from "../device/packet";
import { Context, Device, SocketMode, XdpSock, XskBuffPool } from "../layout";
import {
  ringAvailable, ringFillAddr, ringFillDesc, ringFree, ringPeekAddr, ringPeekDesc, ringRelease, ringSubmit,
  xskqConsDesc, xskqConsNext, xskqConsPeek, xskqConsRelease, xskqProdAddr, xskqProdIsFull, xskqProdSubmit,
} from "../ring/xskQueue";
import { traceSend } from "../trace/ledger";
import { XDP_XMIT_FLUSH } from "../uapi";

/** An application on an AF_XDP socket, and the system calls it makes. */

/** Frames an application handles at a time. */
const APP_BATCH: u32 = 64;

/** One round of the application; returns how many descriptors moved. */
export function applicationStep(ctx: Context, xs: XdpSock, budget: u32): u32 {
  if (xs.mode == SocketMode.MANUAL || load32(changetype<usize>(xs) + offsetof<XdpSock>("stalled")) != 0) return 0;
  let moved = 0;
  if (xs.mode == SocketMode.FORWARD) {
    moved += reclaimCompletions(xs.pool);
    moved += forward(ctx, xs, min(budget, APP_BATCH));
    moved += sendto(ctx, xs);
  } else {
    moved += readAndRefill(ctx, xs, min(budget, APP_BATCH));
  }
  return moved;
}

/** Whether a round would move something: what waits for room elsewhere is not worth a look. */
export function applicationHasWork(ctx: Context, xs: XdpSock): bool {
  if (xs.mode == SocketMode.MANUAL || load32(changetype<usize>(xs) + offsetof<XdpSock>("stalled")) != 0) return false;
  const pool = xs.pool;
  const hasReceived = ringAvailable(xs.rx) != 0;
  if (xs.mode == SocketMode.DROP) return hasReceived && ringFree(pool.fq) != 0;
  if (hasReceived && ringFree(xs.tx) != 0) return true;
  return (ringAvailable(pool.cq) != 0 && ringFree(pool.fq) != 0) || sendtoHasWork(ctx, xs);
}

function sendtoHasWork(ctx: Context, xs: XdpSock): bool {
  const dev = changetype<Device | null>(<usize>load32(changetype<usize>(xs) + offsetof<XdpSock>("dev")));
  if (dev == null || ringAvailable(xs.tx) == 0 || ringFree(xs.pool.cq) == 0) return false;
  return framePoolMayHave(ctx.pool, 1) && xmitMayTake(ctx, dev);
}

/** Reads up to `n` descriptors and gives their chunks back to the FILL ring. */
function readAndRefill(ctx: Context, xs: XdpSock, n: u32): u32 {
  const pool = xs.pool;
  n = min(min(ringAvailable(xs.rx), n), ringFree(pool.fq));
  for (let i: u32 = 0; i < n; i++) {
    const desc = ringPeekDesc(xs.rx, i);
    stampCheckBytes(ctx, xs.stamps, pool.umem + <usize>desc.addr, desc.len);
    ringFillAddr(pool.fq, i, desc.addr & ~<u64>(pool.chunkSize - 1));
  }
  if (n == 0) return 0;
  ringRelease(xs.rx, n);
  ringSubmit(pool.fq, n);
  xs.application.appFrames += n;
  return n;
}

/** Moves up to `n` descriptors from RX to TX, with the MAC addresses swapped. */
function forward(ctx: Context, xs: XdpSock, n: u32): u32 {
  const pool = xs.pool;
  n = min(min(ringAvailable(xs.rx), n), ringFree(xs.tx));
  for (let i: u32 = 0; i < n; i++) {
    const desc = ringPeekDesc(xs.rx, i);
    stampCheckBytes(ctx, xs.stamps, pool.umem + <usize>desc.addr, desc.len);
    swapMacs(pool.umem + <usize>desc.addr);
    ringFillDesc(xs.tx, i, desc.addr, desc.len);
  }
  if (n == 0) return 0;
  ringRelease(xs.rx, n);
  ringSubmit(xs.tx, n);
  xs.application.appFrames += n;
  return n;
}

function swapMacs(data: usize): void {
  const destination = load<u32>(data);
  const destinationTail = load<u16>(data + 4);
  store<u32>(data, load<u32>(data + 6));
  store<u16>(data + 4, load<u16>(data + 10));
  store<u32>(data + 6, destination);
  store<u16>(data + 10, destinationTail);
}

/** Chunks that were sent go back to the FILL ring. */
function reclaimCompletions(pool: XskBuffPool): u32 {
  const n = min(ringAvailable(pool.cq), ringFree(pool.fq));
  for (let i: u32 = 0; i < n; i++) ringFillAddr(pool.fq, i, ringPeekAddr(pool.cq, i) & ~<u64>(pool.chunkSize - 1));
  if (n == 0) return 0;
  ringRelease(pool.cq, n);
  ringSubmit(pool.fq, n);
  return n;
}

/**
 * `sendto` on the socket (net/xdp/xsk.c:__xsk_generic_xmit): TX descriptors are copied into frames and given to the
 * device; each is completed once the device took it. Returns how many were sent; what the device refuses stays on the
 * ring (-EAGAIN).
 */
export function sendto(ctx: Context, xs: XdpSock): u32 {
  const dev = changetype<Device | null>(<usize>load32(changetype<usize>(xs) + offsetof<XdpSock>("dev")));
  if (dev == null) return 0;
  const pool = xs.pool;
  let sent: u32 = 0;
  while (sent < APP_BATCH && xskqConsPeek(xs.tx) && !xskqProdIsFull(pool.cq)) {
    const desc = xskqConsDesc(xs.tx);
    if (!validDesc(ctx, pool, desc.addr, desc.len)) {
      xs.tx.own.invalidDescs++;
      xskqConsNext(xs.tx);
      continue;
    }
    if (!transmit(ctx, dev, pool.umem + <usize>desc.addr, desc.len)) break;
    xskqProdAddr(pool.cq, desc.addr);
    xskqConsNext(xs.tx);
    sent++;
  }
  if (sent != 0) xskqProdSubmit(pool.cq);
  xskqConsRelease(xs.tx);
  xs.application.txFrames += sent;
  return sent;
}

/** `xp_aligned_validate_desc`. */
function validDesc(ctx: Context, pool: XskBuffPool, addr: u64, length: u32): bool {
  if (length == 0 || length > pool.chunkSize || length > linearMax(ctx)) return false;
  const size = <u64>pool.chunkSize;
  return addr / size == (addr + length - 1) / size && addr + length <= <u64>pool.nrChunks * size;
}

function transmit(ctx: Context, dev: Device, data: usize, length: u32): bool {
  if (framePoolRefill(ctx.pool, 1) == 0) return false;
  // What is not sent shall not be told of either.
  if (ctx.trace != null && !xmitMayTake(ctx, dev)) return false;
  const frame = frameReceive(ctx);
  framePrepare(frame, length);
  frame.devRx = dev;
  frame.rxQueue = 0;
  frame.hash = 0;
  frame.tag = 0;
  memory.copy(frame.data, data, length);
  store<u32>(ctx.frames, changetype<usize>(frame));
  if (ctx.trace != null) traceSend(ctx, dev, frame);
  if (ndoXdpXmit(ctx, dev, ctx.frames, 1, XDP_XMIT_FLUSH) == 1) return true;
  frameRefuse(ctx, frame);
  return false;
}
