import { framePoolInit, frameBulkBytes } from "../frame/pool";
import {
  Context, ContextKind, Cpu, FramePool, LINE, RESERVATIONS_MAX, RedirectInfo, Reservation, TEXT_MAX_BYTES, XdpBuff,
  XdpFrameBulk,
} from "../layout";
import { machine } from "../machine";
import { Fate, Tracepoint } from "../trace/kinds";
import { NAPI_POLL_WEIGHT, TEST_XDP_MAX_BATCH } from "./napi";

/** Sizes and first contents of CPUs and contexts, in zeroed memory. */

export function cpuBytes(): u32 {
  return <u32>LINE * 2;
}

export function cpuInit(cpu: Cpu, id: u32): void {
  cpu.id = id;
  cpu.ri = changetype<RedirectInfo>(changetype<usize>(cpu) + LINE);
}

const TEXT_ARGS_BYTES: u32 = 32;

/** Counters, buffers and lists of the context, behind its three lines. */
function areaBytes(): u32 {
  return (<u32>Fate.COUNT + <u32>Tracepoint.COUNT) * 8 + TEST_XDP_MAX_BATCH * 4 + <u32>LINE * 2
    + RESERVATIONS_MAX * offsetof<Reservation>() + TEXT_ARGS_BYTES + TEXT_MAX_BYTES + frameBulkBytes();
}

export function contextBytes(): u32 {
  return <u32>LINE * 3 + areaBytes();
}

export function contextInit(ctx: Context, id: u32, kind: ContextKind, cpu: Cpu | null): void {
  ctx.id = id;
  ctx.kind = kind;
  ctx.cpu = cpu;
  ctx.weight = NAPI_POLL_WEIGHT;
  ctx.fates = changetype<usize>(ctx) + LINE * 3;
  ctx.events = ctx.fates + <usize>Fate.COUNT * 8;
  ctx.frames = ctx.events + <usize>Tracepoint.COUNT * 8;
  ctx.xdp = changetype<XdpBuff>(ctx.frames + TEST_XDP_MAX_BATCH * 4);
  ctx.devXdp = changetype<XdpBuff>(changetype<usize>(ctx.xdp) + LINE);
  ctx.reservations = changetype<usize>(ctx.devXdp) + LINE;
  ctx.textArgs = ctx.reservations + RESERVATIONS_MAX * offsetof<Reservation>();
  ctx.text = ctx.textArgs + TEXT_ARGS_BYTES;
  ctx.bulk = changetype<XdpFrameBulk>(ctx.text + TEXT_MAX_BYTES);
  ctx.random = (<u64>machine().seed << 32 | id) * 0x9e3779b97f4a7c15 | 1;
}

/** Gives the context its frames: `pool` is `framePoolBytes` of zeroed memory, `data` `framePoolDataBytes`. */
export function contextSetPool(ctx: Context, pool: FramePool, data: usize, nrFrames: u32, frameSz: u32): void {
  framePoolInit(pool, data, ctx, nrFrames, frameSz);
  ctx.pool = pool;
}
