import { Context, RecordKind, Recording, TraceRecord, XdpSock } from "../layout";
import { recording } from "../machine";
import { Sink } from "./kinds";
import { traceCommit, traceReserve } from "./ring";

/** The bytes of a chunk that an application read, if they are captured. */
export function captureSocket(ctx: Context, xs: XdpSock, data: usize, length: u32): void {
  if (ctx.trace == null || (recording() & Recording.CAPTURE) == 0) return;
  const record = traceReserve(ctx, RecordKind.CAPTURE, Sink.SOCKET, null, offsetof<TraceRecord>() + length);
  if (record == null) return;
  record.a = xs.id;
  record.b = length;
  record.c = xs.queueId;
  memory.copy(changetype<usize>(record) + offsetof<TraceRecord>(), data, length);
  traceCommit(ctx, record);
}
