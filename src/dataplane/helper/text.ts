import { current } from "../context/current";
import { Context, RecordKind, TEXT_MAX_BYTES, TraceRecord } from "../layout";
import { machine } from "../machine";
import { traceCommit, traceReserveSpare } from "../trace/ring";
import { Errno } from "../uapi";
import { asResult, memoryArgument, stringArgument, writableArgument } from "./arguments";
import { format } from "./format";
import { afford, affordCopy } from "./work";

/** Helpers that format, compare and read text. */

/** `bpf_trace_printk(fmt, fmt_size, a1, a2, a3)`: the text's length. */
export function helperTracePrintk(text: u64, size: u64, a1: u64, a2: u64, a3: u64): u64 {
  const ctx = current();
  store<u64>(ctx.textArgs, a1);
  store<u64>(ctx.textArgs, a2, 8);
  store<u64>(ctx.textArgs, a3, 16);
  return print(ctx, text, <u32>size, ctx.textArgs, 3);
}

/** `bpf_trace_vprintk(fmt, fmt_size, data, data_len)`: the arguments are `data_len` bytes of u64. */
export function helperTraceVprintk(text: u64, size: u64, data: u64, dataBytes: u64, _r5: u64): u64 {
  if (!memoryArgument(3, data, <u32>dataBytes)) return 0;
  if ((<u32>dataBytes & 7) != 0 || <u32>dataBytes > VARARGS_MAX * 8) return asResult(-Errno.EINVAL);
  return print(current(), text, <u32>size, <usize>data, <u32>dataBytes >>> 3);
}

/** MAX_BPRINTF_VARARGS. */
const VARARGS_MAX: u32 = 12;

function print(ctx: Context, text: u64, size: u32, values: usize, nrValues: u32): u64 {
  if (!memoryArgument(1, text, size)) return 0;
  const length = format(ctx.text, TEXT_MAX_BYTES, <usize>text, <usize>text + size, values, nrValues);
  if (length < 0) return asResult(length);
  const written = min(<u32>length, TEXT_MAX_BYTES);
  if (!affordCopy(offsetof<TraceRecord>() + written)) return 0;
  const record = traceReserveSpare(ctx, RecordKind.PRINTK, offsetof<TraceRecord>() + written);
  if (record == null) return length;
  record.b = written;
  memory.copy(changetype<usize>(record) + offsetof<TraceRecord>(), ctx.text, written);
  traceCommit(ctx, record);
  return length;
}

/** `bpf_snprintf(str, str_size, fmt, data, data_len)`: the whole text's length and its NUL's. */
export function helperSnprintf(into: u64, size: u64, text: u64, data: u64, dataBytes: u64): u64 {
  const bytes = <u32>size;
  if (!writableArgument(1, into, bytes) || !stringArgument(3, text) || !memoryArgument(4, data, <u32>dataBytes)) return 0;
  if ((<u32>dataBytes & 7) != 0 || <u32>dataBytes > VARARGS_MAX * 8) return asResult(-Errno.EINVAL);
  const room = bytes == 0 ? 0 : bytes - 1;
  const length = format(<usize>into, room, <usize>text, machine().programHigh, <usize>data, <u32>dataBytes >>> 3);
  if (length < 0) return asResult(length);
  if (bytes != 0) store<u8>(<usize>into + min(<u32>length, room), 0);
  return length + 1;
}

/** `bpf_strncmp(s1, s1_size, s2)`. */
export function helperStrncmp(s1: u64, size: u64, s2: u64, _r4: u64, _r5: u64): u64 {
  if (!memoryArgument(1, s1, <u32>size) || !stringArgument(3, s2)) return 0;
  const most = min(<u32>size, <u32>(machine().programHigh - <usize>s2));
  for (let i: u32 = 0; i < most; i++) {
    if ((i & 7) == 0 && !afford(8)) return 0;
    const a = load<u8>(<usize>s1 + i);
    const b = load<u8>(<usize>s2 + i);
    if (a != b) return asResult(a < b ? -1 : 1);
    if (a == 0) break;
  }
  return 0;
}
