import { load32 } from "../atomics";
import { queueHasWork, queueTake } from "../device/queue";
import { sourceFetch, sourceInTurn, sourcesHaveWork } from "../device/source";
import { ndoXdpXmit, xmitFlush } from "../device/xmit";
import { frameAt } from "../frame/array";
import { hasFrags, xdpConvertFrameToBuff, xdpSetDevices, xdpUpdateFrameFromBuff } from "../frame/buff";
import { BpfProg, Context, Device, RxMode, RxQueue, XdpBuff, XdpFrame } from "../layout";
import { redirectFate, xdpDoRedirect } from "../redirect/doRedirect";
import { xdpDoFlush } from "../redirect/flush";
import { bpfProgRunXdp } from "../redirect/program";
import { captureFrame, frameEnd } from "../trace/fates";
import { Fate, ProgramHook, Sink } from "../trace/kinds";
import { traceReceive } from "../trace/ledger";
import { traceXdpBulkTx, traceXdpException } from "../trace/tracepoints";
import { IFF_UP, INT_MAX, MapType, XdpAction } from "../uapi";
import { localBhDisable, localBhEnable } from "./bottomHalf";

/** A receive queue's NAPI poll (drivers/net/veth.c:veth_poll), or a live-frames test run (net/bpf/test_run.c). */

export const NAPI_POLL_WEIGHT: u32 = 64;
/** Largest batch of a test run (net/bpf/test_run.c), so the length of `ctx.frames` and the most a weight can be. */
export const TEST_XDP_MAX_BATCH: u32 = 256;
/** VETH_XDP_TX_BULK_SIZE. */
const TX_BULK_SIZE: u32 = 16;

export function txQueueBytes(): u32 {
  return TX_BULK_SIZE * 4;
}

/** Polls `rq` once: up to `budget` frames. Returns how many were received. */
export function napiPoll(ctx: Context, rq: RxQueue, budget: u32): u32 {
  let n = queueTake(ctx, rq, ctx.frames, budget);
  if (n == 0) {
    const source = sourceInTurn(ctx, rq);
    if (source) n = sourceFetch(ctx, rq, source, budget);
  }
  if (n != 0) napiReceive(ctx, rq, n);
  return n;
}

/** Whether a poll would find frames. */
export function napiHasWork(ctx: Context, rq: RxQueue): bool {
  return queueHasWork(rq) || sourcesHaveWork(ctx, rq);
}

function napiReceive(ctx: Context, rq: RxQueue, n: u32): void {
  const dev = rq.device;
  if (ctx.trace != null) traceReceive(ctx, rq, n);
  if (rq.mode == RxMode.NATIVE && (load32(changetype<usize>(dev) + offsetof<Device>("flags")) & IFF_UP) == 0) {
    for (let i: u32 = 0; i < n; i++) frameEnd(ctx, frameAt(ctx.frames, i), Fate.RX_DOWN, dev.ifindex);
    return;
  }
  localBhDisable(ctx);
  const prog = changetype<BpfProg | null>(<usize>load32(changetype<usize>(dev) + offsetof<Device>("prog")));
  if (prog) {
    xdpSetDevices(ctx.xdp, dev, rq.mode == RxMode.TEST_RUN ? 0 : rq.index, 0);
    for (let i: u32 = 0; i < n; i++) receiveOne(ctx, rq, prog, frameAt(ctx.frames, i));
    xdpDoFlush(ctx);
    if (rq.txCount != 0) {
      xdpTxFlush(ctx, rq);
      xmitFlush(ctx, dev);
    }
  } else {
    for (let i: u32 = 0; i < n; i++) stackReceive(ctx, frameAt(ctx.frames, i));
  }
  localBhEnable(ctx);
}

/** `netif_receive_skb`: the frame ends at the stack of this CPU. */
export function stackReceive(ctx: Context, frame: XdpFrame): void {
  const cpu = ctx.cpu!.id;
  captureFrame(ctx, frame, Sink.STACK, cpu, frame.rxQueue);
  frameEnd(ctx, frame, Fate.PASS, cpu);
}

// @ts-ignore: decorator
@inline
function receiveOne(ctx: Context, rq: RxQueue, prog: BpfProg, frame: XdpFrame): void {
  const dev = rq.device;
  const xdp = ctx.xdp;
  if (hasFrags(frame) && prog.hasFrags == 0) {
    frameEnd(ctx, frame, Fate.RX_DROP, dev.ifindex);
    return;
  }
  frame.devRx = dev;
  xdpConvertFrameToBuff(frame, xdp);
  const act = bpfProgRunXdp(ctx, prog, xdp, ProgramHook.XDP);
  switch (act) {
    case XdpAction.PASS: {
      if (xdpUpdateFrameFromBuff(xdp, frame)) stackReceive(ctx, frame);
      else frameEnd(ctx, frame, Fate.RX_DROP, dev.ifindex);
      return;
    }
    case XdpAction.REDIRECT: {
      redirect(ctx, dev, xdp, prog, frame);
      return;
    }
    case XdpAction.TX: {
      if (rq.mode == RxMode.TEST_RUN) redirectBack(ctx, dev, xdp, prog, frame);
      else xdpTx(ctx, rq, xdp, prog, frame);
      return;
    }
    case XdpAction.DROP: {
      frameEnd(ctx, frame, Fate.DROP, dev.ifindex);
      return;
    }
    default: {
      if (rq.mode == RxMode.NATIVE) traceXdpException(ctx, frame, dev, prog, act);
      frameEnd(ctx, frame, Fate.ABORTED, dev.ifindex);
    }
  }
}

// @ts-ignore: decorator
@inline
function redirect(ctx: Context, dev: Device, xdp: XdpBuff, prog: BpfProg, frame: XdpFrame): void {
  const err = xdpDoRedirect(ctx, dev, xdp, prog);
  if (err != 0) frameEnd(ctx, frame, redirectFate(err), dev.ifindex);
}

/** `xdp_test_run_batch`: without a driver, XDP_TX is a redirect to the device that it came from. */
function redirectBack(ctx: Context, dev: Device, xdp: XdpBuff, prog: BpfProg, frame: XdpFrame): void {
  const ri = ctx.cpu!.ri;
  ri.tgtIndex = dev.ifindex;
  ri.mapId = INT_MAX;
  ri.mapType = MapType.UNSPEC;
  redirect(ctx, dev, xdp, prog, frame);
}

/** `veth_xdp_tx`: the driver's own bulk queue, emptied by the 17th frame. */
function xdpTx(ctx: Context, rq: RxQueue, xdp: XdpBuff, prog: BpfProg, frame: XdpFrame): void {
  if (!xdpUpdateFrameFromBuff(xdp, frame)) {
    traceXdpException(ctx, frame, rq.device, prog, XdpAction.TX);
    frameEnd(ctx, frame, Fate.TX_DROP, rq.device.ifindex);
    return;
  }
  if (rq.txCount == TX_BULK_SIZE) xdpTxFlush(ctx, rq);
  store<u32>(rq.txQueue + (<usize>(rq.txCount++) << 2), changetype<usize>(frame));
}

/** `veth_xdp_flush_bq`. */
function xdpTxFlush(ctx: Context, rq: RxQueue): void {
  const count = rq.txCount;
  const dev = rq.device;
  let err: i32 = 0;
  let sent = ndoXdpXmit(ctx, dev, rq.txQueue, count, 0);
  if (sent < 0) {
    err = sent;
    sent = 0;
  }
  const fate = err ? Fate.TX_ERROR : Fate.TX_DROP;
  for (let i: u32 = sent; i < count; i++) frameEnd(ctx, frameAt(rq.txQueue, i), fate, dev.ifindex);
  rq.txCount = 0;
  traceXdpBulkTx(ctx, dev, sent, count - sent, err);
}
