import { BpfCpuMapEntry, BpfDtabNetdev, BpfProg, Context, Device, RecordKind, Recording, TraceRecord, XdpFrame } from "../layout";
import { recording } from "../machine";
import { INT_MAX, MapType, XdpAction } from "../uapi";
import { Tracepoint } from "./kinds";
import { traceCommit, traceReserve } from "./ring";

/** The `xdp:*` tracepoints (include/trace/events/xdp.h): counted always, recorded on request, fields in print order. */

// @ts-ignore: decorator
@inline
function count(ctx: Context, type: Tracepoint): void {
  const counter = ctx.events + (<usize>type << 3);
  store<u64>(counter, load<u64>(counter) + 1);
}

/** Counts the event; the record to fill in, or null where nobody asked for it: one predictable branch then. */
// @ts-ignore: decorator
@inline
function begin(ctx: Context, type: Tracepoint, frame: XdpFrame | null): TraceRecord | null {
  count(ctx, type);
  return ctx.trace == null ? null : reserve(ctx, type, frame);
}

function reserve(ctx: Context, type: Tracepoint, frame: XdpFrame | null): TraceRecord | null {
  if ((recording() & (<u32>Recording.TRACEPOINT << type)) == 0) return null;
  return traceReserve(ctx, RecordKind.TRACEPOINT, type, frame, offsetof<TraceRecord>());
}

/** `trace_xdp_redirect` and `trace_xdp_redirect_err`. */
// @ts-ignore: decorator
@inline
export function traceXdpRedirect(
  ctx: Context, frame: XdpFrame, dev: Device, prog: BpfProg,
  target: usize, err: i32, mapType: u32, mapId: u32, index: u32,
): void {
  const type = err == 0 ? Tracepoint.XDP_REDIRECT : Tracepoint.XDP_REDIRECT_ERR;
  count(ctx, type);
  if (ctx.trace != null) recordXdpRedirect(ctx, type, frame, dev, prog, target, err, mapType, mapId, index);
}

/** How the target fields are filled depends on what was asked for. */
function recordXdpRedirect(
  ctx: Context, type: Tracepoint, frame: XdpFrame, dev: Device, prog: BpfProg,
  target: usize, err: i32, mapType: u32, mapId: u32, index: u32,
): void {
  const record = reserve(ctx, type, frame);
  if (record == null) return;
  let toIfindex: u32 = 0;
  let mapIndex = index;
  if (mapType == MapType.DEVMAP || mapType == MapType.DEVMAP_HASH) {
    if (target) toIfindex = changetype<BpfDtabNetdev>(target).dev.ifindex;
  } else if (mapType == MapType.UNSPEC && mapId == INT_MAX) {
    toIfindex = index;
    mapIndex = 0;
  }
  record.a = prog.id;
  record.b = XdpAction.REDIRECT;
  record.c = dev.ifindex;
  record.d = toIfindex;
  record.e = err;
  record.f = mapId;
  record.g = mapIndex;
  traceCommit(ctx, record);
}

export function traceXdpException(ctx: Context, frame: XdpFrame, dev: Device, prog: BpfProg, act: u32): void {
  const record = begin(ctx, Tracepoint.XDP_EXCEPTION, frame);
  if (record == null) return;
  record.a = prog.id;
  record.b = act;
  record.c = dev.ifindex;
  traceCommit(ctx, record);
}

export function traceXdpBulkTx(ctx: Context, dev: Device, sent: u32, drops: u32, err: i32): void {
  const record = begin(ctx, Tracepoint.XDP_BULK_TX, null);
  if (record == null) return;
  record.a = dev.ifindex;
  record.b = XdpAction.TX;
  record.c = sent;
  record.d = drops;
  record.e = err;
  traceCommit(ctx, record);
}

export function traceXdpDevmapXmit(ctx: Context, from: Device, to: Device, sent: u32, drops: u32, err: i32): void {
  const record = begin(ctx, Tracepoint.XDP_DEVMAP_XMIT, null);
  if (record == null) return;
  record.a = from.ifindex;
  record.b = to.ifindex;
  record.c = XdpAction.REDIRECT;
  record.d = sent;
  record.e = drops;
  record.f = err;
  traceCommit(ctx, record);
}

export function traceXdpCpumapEnqueue(ctx: Context, mapId: u32, processed: u32, drops: u32, toCpu: u32): void {
  const record = begin(ctx, Tracepoint.XDP_CPUMAP_ENQUEUE, null);
  if (record == null) return;
  record.a = ctx.cpu!.id;
  record.b = mapId;
  record.c = XdpAction.REDIRECT;
  record.d = processed;
  record.e = drops;
  record.f = toCpu;
  traceCommit(ctx, record);
}

export function traceXdpCpumapKthread(
  ctx: Context, rcpu: BpfCpuMapEntry, processed: u32, sched: u32, pass: u32, drop: u32, redirect: u32,
): void {
  const record = begin(ctx, Tracepoint.XDP_CPUMAP_KTHREAD, null);
  if (record == null) return;
  record.a = rcpu.cpu;
  record.b = rcpu.mapId;
  record.c = XdpAction.REDIRECT;
  record.d = processed;
  // Drops are failed skb allocations, which the emulator does not have.
  record.e = 0;
  record.f = sched;
  record.g = pass;
  record.h = drop;
  record.i = redirect;
  traceCommit(ctx, record);
}
