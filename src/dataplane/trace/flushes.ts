import { Context, RecordKind, Recording, TraceRecord } from "../layout";
import { recording } from "../machine";
import { traceCommit, traceReserve } from "./ring";

/** `xdp_do_flush` begins: the kernel has no tracepoint for it, but whoever reads the others wants to tell the two apart. */
export function traceFlush(ctx: Context): void {
  if (ctx.trace == null || (recording() & Recording.FLUSHES) == 0) return;
  const record = traceReserve(ctx, RecordKind.FLUSH, 0, null, offsetof<TraceRecord>());
  if (record != null) traceCommit(ctx, record);
}
