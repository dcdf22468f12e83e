import { current } from "../context/current";
import { RecordKind, TraceRecord, XdpBuff } from "../layout";
import { traceCommit, traceReserve } from "./ring";

/**
 * A program's own record of its run, as `bpf_perf_event_output` would put it out: it stands among the tracepoints of its
 * context. `subject` is the program's to choose; `calls` helpers returned `first` and `second`, and it will return `act`.
 */
export function traceRun(xdp: XdpBuff, subject: u32, calls: u32, first: u32, second: u32, act: u32): void {
  const ctx = current();
  const program = ctx.program;
  if (ctx.trace == null || program == null) return;
  const record = traceReserve(ctx, RecordKind.RUN, 0, xdp.frame, offsetof<TraceRecord>());
  if (record == null) return;
  record.a = program.id;
  record.b = subject;
  record.c = calls;
  record.d = first;
  record.e = second;
  record.f = act;
  record.g = xdp.ingressIfindex;
  record.h = xdp.egressIfindex;
  record.i = xdp.rxQueueIndex;
  traceCommit(ctx, record);
}
