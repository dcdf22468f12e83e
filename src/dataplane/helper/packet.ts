import { xdpAdjustHead, xdpAdjustMeta, xdpAdjustTail } from "../frame/adjust";
import { xdpGetBuffLen } from "../frame/buff";
import { xdpLoadBytes, xdpStoreBytes } from "../frame/bytes";
import { asResult, contextArgument, memoryArgument, writableArgument } from "./arguments";
import { affordCopy } from "./work";

/** The packet helpers of compiled programs (net/core/filter.c). Each takes the context first. */

/** `bpf_xdp_adjust_head(ctx, delta)`. */
export function helperXdpAdjustHead(ctx: u64, delta: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const xdp = contextArgument(ctx);
  return xdp == null ? 0 : asResult(xdpAdjustHead(xdp, <i32>delta));
}

/** No packet's end grows by more, and what it grows by is zeroed. */
const GROWTH_MAX: i32 = 65536;

/** `bpf_xdp_adjust_tail(ctx, delta)`. */
export function helperXdpAdjustTail(ctx: u64, delta: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const xdp = contextArgument(ctx);
  if (xdp == null || !affordCopy(<u32>max(0, min(<i32>delta, GROWTH_MAX)))) return 0;
  return asResult(xdpAdjustTail(xdp, <i32>delta));
}

/** `bpf_xdp_adjust_meta(ctx, delta)`. */
export function helperXdpAdjustMeta(ctx: u64, delta: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const xdp = contextArgument(ctx);
  return xdp == null ? 0 : asResult(xdpAdjustMeta(xdp, <i32>delta));
}

/** `bpf_xdp_get_buff_len(ctx)`. */
export function helperXdpGetBuffLen(ctx: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const xdp = contextArgument(ctx);
  return xdp == null ? 0 : xdpGetBuffLen(xdp);
}

/** `bpf_xdp_load_bytes(ctx, offset, into, length)`. */
export function helperXdpLoadBytes(ctx: u64, offset: u64, into: u64, length: u64, _r5: u64): u64 {
  const xdp = contextArgument(ctx);
  if (xdp == null || !writableArgument(3, into, <u32>length) || !affordCopy(<u32>length)) return 0;
  return asResult(xdpLoadBytes(xdp, <u32>offset, <usize>into, <u32>length));
}

/** `bpf_xdp_store_bytes(ctx, offset, from, length)`. */
export function helperXdpStoreBytes(ctx: u64, offset: u64, from: u64, length: u64, _r5: u64): u64 {
  const xdp = contextArgument(ctx);
  if (xdp == null || !memoryArgument(3, from, <u32>length) || !affordCopy(<u32>length)) return 0;
  return asResult(xdpStoreBytes(xdp, <u32>offset, <usize>from, <u32>length));
}
