import { load32 } from "../atomics";
import { ndoXdpXmit } from "../device/xmit";
import { frameAt } from "../frame/array";
import { xdpConvertFrameToBuff, xdpGetFrameLen, xdpSetDevices, xdpUpdateFrameFromBuff, hasFrags } from "../frame/buff";
import { BpfDtabNetdev, BpfProg, Context, Cpu, Device, XdpDevBulkQueue, XdpFrame } from "../layout";
import { machine } from "../machine";
import { frameEnd } from "../trace/fates";
import { Fate, ProgramHook } from "../trace/kinds";
import { traceNoEnqueue } from "../trace/ledger";
import { traceXdpDevmapXmit, traceXdpException } from "../trace/tracepoints";
import { Errno, Feature, IFF_UP, VLAN_HLEN, XDP_XMIT_FLUSH, XdpAction } from "../uapi";
import { bpfProgRunXdp } from "./program";

/** The devices' bulk queues (kernel/bpf/devmap.c): 16 frames per device and sending CPU, whatever map named the device. */

const DEV_MAP_BULK_SIZE: u32 = 16;

export function xdpDevBulkQueueBytes(): u32 {
  return offsetof<XdpDevBulkQueue>() + DEV_MAP_BULK_SIZE * 4;
}

// @ts-ignore: decorator
@inline
function bulkItem(bq: XdpDevBulkQueue, index: u32): usize {
  return changetype<usize>(bq) + offsetof<XdpDevBulkQueue>() + (<usize>index << 2);
}

// @ts-ignore: decorator
@inline
function bulkFrame(bq: XdpDevBulkQueue, index: u32): XdpFrame {
  return frameAt(bulkItem(bq, 0), index);
}

// @ts-ignore: decorator
@inline
function word(dev: Device, offset: usize): u32 {
  return load32(changetype<usize>(dev) + offset);
}

/** `__xdp_enqueue`'s question whether `dev` can transmit `frame` at all: 0 or a negative errno, first reason first. */
function xdpCanEnqueue(dev: Device, frame: XdpFrame): i32 {
  const features = word(dev, offsetof<Device>("features"));
  if (machine().kernel < 603) {
    // Without feature bits only the driver's own ndo_xdp_xmit says no (`bq_xmit_all`).
    if (dev.hasNdo == 0) return -Errno.EOPNOTSUPP;
  } else {
    if ((features & Feature.NDO_XMIT) == 0) return -Errno.EOPNOTSUPP;
    if ((features & Feature.NDO_XMIT_SG) == 0 && hasFrags(frame)) return -Errno.EOPNOTSUPP;
  }
  return xdpOkFwdDev(dev, xdpGetFrameLen(frame));
}

/** `xdp_ok_fwd_dev`. */
function xdpOkFwdDev(dev: Device, length: u32): i32 {
  if ((word(dev, offsetof<Device>("flags")) & IFF_UP) == 0) return -Errno.ENETDOWN;
  return length > longestOf(dev) ? -Errno.EMSGSIZE : 0;
}

// @ts-ignore: decorator
@inline
function longestOf(dev: Device): u32 {
  return word(dev, offsetof<Device>("mtu")) + dev.hardHeaderLen + VLAN_HLEN;
}

/** `xdpCanEnqueue`, told to whoever keeps the ledger. */
// @ts-ignore: decorator
@inline
export function checkEnqueue(ctx: Context, dev: Device, frame: XdpFrame): i32 {
  const err = xdpCanEnqueue(dev, frame);
  if (err != 0 && ctx.trace != null) traceNoEnqueue(ctx, dev, frame, longestOf(dev), err);
  return err;
}

/** `dev_xdp_enqueue` and `dev_map_enqueue`. */
export function devEnqueue(ctx: Context, dev: Device, frame: XdpFrame, devRx: Device, prog: BpfProg | null): i32 {
  const err = checkEnqueue(ctx, dev, frame);
  if (err == 0) bqEnqueue(ctx, dev, frame, devRx, prog);
  return err;
}

/** `bq_enqueue`: the first frame of a poll decides which program all of the device's frames get. */
export function bqEnqueue(ctx: Context, dev: Device, frame: XdpFrame, devRx: Device, prog: BpfProg | null): void {
  const cpu = ctx.cpu!;
  const bq = changetype<XdpDevBulkQueue>(<usize>load<u32>(dev.bulkQueues + (<usize>cpu.id << 2)));
  if (bq.count == DEV_MAP_BULK_SIZE) bqXmitAll(ctx, bq, 0);
  if (bq.devRx == null) {
    bq.devRx = devRx;
    bq.prog = prog;
    bq.flushNext = cpu.devFlushList;
    cpu.devFlushList = bq;
  }
  store<u32>(bulkItem(bq, bq.count++), changetype<usize>(frame));
}

/** `bq_xmit_all`. */
function bqXmitAll(ctx: Context, bq: XdpDevBulkQueue, flags: u32): void {
  const count = bq.count;
  if (count == 0) return;
  const dev = bq.dev;
  const prog = bq.prog;
  const toSend = prog ? runProgram(ctx, bq, prog, count) : count;
  let sent: i32 = 0;
  let err: i32 = 0;
  // A program that dropped everything leaves nothing to call the driver for, not even to notify its receiver.
  if (toSend > 0) {
    sent = ndoXdpXmit(ctx, dev, bulkItem(bq, 0), toSend, flags);
    if (sent < 0) {
      err = sent;
      sent = 0;
    }
    const fate = err ? Fate.XMIT_ERROR : Fate.XMIT_DROP;
    for (let i: u32 = sent; i < toSend; i++) frameEnd(ctx, bulkFrame(bq, i), fate, dev.ifindex);
  }
  bq.count = 0;
  traceXdpDevmapXmit(ctx, bq.devRx!, dev, sent, count - sent, err);
}

/** `dev_map_bpf_prog_run`: frames that pass are packed to the front; returns how many. */
function runProgram(ctx: Context, bq: XdpDevBulkQueue, prog: BpfProg, count: u32): u32 {
  const xdp = ctx.devXdp;
  const dev = bq.dev;
  let passed: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const frame = bulkFrame(bq, i);
    xdpConvertFrameToBuff(frame, xdp);
    xdpSetDevices(xdp, bq.devRx!, 0, dev.ifindex);
    const act = bpfProgRunXdp(ctx, prog, xdp, ProgramHook.DEVMAP);
    if (act == XdpAction.PASS) {
      if (xdpUpdateFrameFromBuff(xdp, frame)) store<u32>(bulkItem(bq, passed++), changetype<usize>(frame));
      else frameEnd(ctx, frame, Fate.DEVMAP_PROG_DROP, dev.ifindex);
    } else if (act == XdpAction.DROP) {
      frameEnd(ctx, frame, Fate.DEVMAP_PROG_DROP, dev.ifindex);
    } else {
      traceXdpException(ctx, frame, dev, prog, act);
      frameEnd(ctx, frame, Fate.DEVMAP_PROG_ABORTED, dev.ifindex);
    }
  }
  return passed;
}

/** `__dev_flush`: newest first, with XDP_XMIT_FLUSH. A queue that was emptied for size has kept its place. */
export function devFlush(ctx: Context, cpu: Cpu): void {
  let bq = cpu.devFlushList;
  cpu.devFlushList = null;
  while (bq) {
    const next = bq.flushNext;
    bqXmitAll(ctx, bq, XDP_XMIT_FLUSH);
    bq.devRx = null;
    bq.prog = null;
    bq.flushNext = null;
    bq = next;
  }
}

/** `dev_map_enqueue`. */
export function devMapEnqueue(ctx: Context, dst: BpfDtabNetdev, frame: XdpFrame, devRx: Device): i32 {
  return devEnqueue(ctx, dst.dev, frame, devRx, dst.prog);
}
