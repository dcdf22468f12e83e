import { current } from "../context/current";
import { xdpGetBuffLen } from "../frame/buff";
import { xdpCopyOut } from "../frame/bytes";
import { BpfMap, Context, RecordKind, TraceRecord, XdpBuff } from "../layout";
import { pointerLookup } from "../map/pointers";
import { PerfEvent } from "../map/structs";
import { traceCommit, traceReserveSpare } from "../trace/ring";
import { Errno, MapType } from "../uapi";
import { MapAccess, asResult, contextArgument, mapArgument, memoryArgument } from "./arguments";
import { affordCopy } from "./work";

/** BPF_F_INDEX_MASK, which is BPF_F_CURRENT_CPU too. */
const INDEX_MASK: u64 = 0xffffffff;
/** BPF_F_CTXLEN_MASK. */
const CTXLEN_MASK: u64 = 0xfffff << 32;
/** A perf record's size is a u16 (include/uapi/linux/perf_event.h); its own head and the sample's take 20. */
const SAMPLE_MAX_BYTES: u64 = 0xffff - 20;

/**
 * `bpf_xdp_event_output(ctx, map, flags, data, size)`: `size` bytes of the program's, then as many of the packet as the
 * flags say, go to the event of a CPU, which must be the running one. The record goes the way of trace records; -ENOSPC
 * where there is no room for it.
 */
export function helperPerfEventOutput(ctx: u64, map: u64, flags: u64, data: u64, size: u64): u64 {
  const xdp = contextArgument(ctx);
  if (xdp == null) return 0;
  const found = mapArgument(2, map, 1 << MapType.PERF_EVENT_ARRAY, MapAccess.WRITE);
  if (found == null || !memoryArgument(4, data, size)) return 0;
  if ((flags & ~(CTXLEN_MASK | INDEX_MASK)) != 0) return asResult(-Errno.EINVAL);
  const packetBytes = <u32>((flags & CTXLEN_MASK) >> 32);
  if (packetBytes > xdpGetBuffLen(xdp)) return asResult(-Errno.EFAULT);
  if (size + packetBytes > SAMPLE_MAX_BYTES) return asResult(-Errno.E2BIG);
  if (!affordCopy(size + packetBytes)) return 0;
  const running = current();
  const index = <u32>flags == <u32>INDEX_MASK ? running.cpu!.id : <u32>flags;
  const err = checkEvent(running, found, index);
  return asResult(err != 0 ? err : output(running, found, index, <usize>data, <u32>size, xdp, packetBytes));
}

/** `__bpf_perf_event_output`. */
function checkEvent(ctx: Context, map: BpfMap, index: u32): i32 {
  if (index >= map.maxEntries) return -Errno.E2BIG;
  const event = pointerLookup(map, index);
  if (event == 0) return -Errno.ENOENT;
  return changetype<PerfEvent>(event).cpu == ctx.cpu!.id ? 0 : -Errno.EOPNOTSUPP;
}

function output(ctx: Context, map: BpfMap, index: u32, data: usize, size: u32, xdp: XdpBuff, packetBytes: u32): i32 {
  const record = traceReserveSpare(ctx, RecordKind.PERF_EVENT, offsetof<TraceRecord>() + size + packetBytes);
  if (record == null) return -Errno.ENOSPC;
  record.a = map.id;
  record.b = size + packetBytes;
  record.c = index;
  record.d = size;
  const bytes = changetype<usize>(record) + offsetof<TraceRecord>();
  memory.copy(bytes, data, size);
  xdpCopyOut(xdp, bytes + size, packetBytes);
  traceCommit(ctx, record);
  return 0;
}
