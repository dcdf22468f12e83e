import { load32, store32 } from "../atomics";
import { stampCheck } from "../device/stamp";
import { frameAt } from "../frame/array";
import { xdpConvertFrameToBuff, xdpSetDevices, xdpUpdateFrameFromBuff } from "../frame/buff";
import { takeOver } from "../frame/pool";
import { BpfCpuMapEntry, BpfProg, Context, KthreadState } from "../layout";
import { xdpDoRedirect } from "../redirect/doRedirect";
import { xdpDoFlush } from "../redirect/flush";
import { bpfProgRunXdp } from "../redirect/program";
import { ptrRingConsume, ptrRingEmpty } from "../ring/ptrRing";
import { frameEnd } from "../trace/fates";
import { Fate, ProgramHook } from "../trace/kinds";
import { traceXdpCpumapKthread } from "../trace/tracepoints";
import { XdpAction } from "../uapi";
import { bpfNetContextClear, localBhDisable, localBhEnable } from "./bottomHalf";
import { stackReceive } from "./napi";

/** A cpumap entry's kthread, `cpu_map_kthread_run` (kernel/bpf/cpumap.c). */

const CPUMAP_BATCH: u32 = 8;

// @ts-ignore: decorator
@inline
function stateOf(rcpu: BpfCpuMapEntry): usize {
  return changetype<usize>(rcpu) + offsetof<BpfCpuMapEntry>("state");
}

// @ts-ignore: decorator
@inline
function stalled(rcpu: BpfCpuMapEntry): bool {
  return load32(changetype<usize>(rcpu) + offsetof<BpfCpuMapEntry>("stalled")) != 0;
}

export function kthreadHasWork(rcpu: BpfCpuMapEntry): bool {
  if (load32(stateOf(rcpu)) == KthreadState.STOPPING) return true;
  return !ptrRingEmpty(rcpu.queue) && !stalled(rcpu);
}

/**
 * Batches of up to 8 frames until `budget` frames were taken or the queue is empty; returns how many were. The batches
 * share one bottom-half section, which the kernel opens for each; nobody but a NAPI poll on this CPU could tell.
 */
export function kthreadRun(ctx: Context, rcpu: BpfCpuMapEntry, budget: u32): u32 {
  if (stalled(rcpu) && load32(stateOf(rcpu)) == KthreadState.RUNNING) return 0;
  if (ptrRingEmpty(rcpu.queue)) {
    rcpu.own.sched = 1;
    return 0;
  }
  let taken: u32 = 0;
  localBhDisable(ctx);
  while (taken < budget) {
    const n = runBatch(ctx, rcpu, min(budget - taken, CPUMAP_BATCH));
    if (n == 0) break;
    taken += n;
  }
  localBhEnable(ctx);
  rcpu.own.processed += taken;
  return taken;
}

/** One round of the kernel's loop. */
function runBatch(ctx: Context, rcpu: BpfCpuMapEntry, budget: u32): u32 {
  const frames = ctx.frames;
  const n = ptrRingConsume(rcpu.queue, frames, budget);
  if (n == 0) return 0;
  ctx.kthread = rcpu;
  for (let i: u32 = 0; i < n; i++) {
    const frame = frameAt(frames, i);
    takeOver(ctx, frame);
    stampCheck(ctx, rcpu.stamps, frame);
  }
  const prog = rcpu.prog;
  let passed = n;
  if (prog) passed = runProgram(ctx, rcpu, prog, n);
  else traceXdpCpumapKthread(ctx, rcpu, n, rcpu.own.sched, 0, 0, 0);
  rcpu.own.sched = 0;
  for (let i: u32 = 0; i < passed; i++) {
    stackReceive(ctx, frameAt(frames, i));
  }
  return n;
}

/**
 * `cpu_map_bpf_prog_run_xdp`: frames that pass are packed to the front; returns how many. As in the kernel nothing is
 * said of ABORTED or unknown actions but that they drop.
 */
function runProgram(ctx: Context, rcpu: BpfCpuMapEntry, prog: BpfProg, n: u32): u32 {
  bpfNetContextClear(ctx);
  const xdp = ctx.xdp;
  const frames = ctx.frames;
  let pass: u32 = 0;
  let drop: u32 = 0;
  let redirect: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const frame = frameAt(frames, i);
    const dev = frame.devRx;
    xdpConvertFrameToBuff(frame, xdp);
    // As in the kernel, the program sees queue 0, whatever queue the frame came in on.
    xdpSetDevices(xdp, dev, 0, 0);
    const act = bpfProgRunXdp(ctx, prog, xdp, ProgramHook.CPUMAP);
    if (act == XdpAction.PASS && xdpUpdateFrameFromBuff(xdp, frame)) {
      store<u32>(frames + (<usize>(pass++) << 2), changetype<usize>(frame));
    } else if (act == XdpAction.REDIRECT) {
      if (xdpDoRedirect(ctx, dev, xdp, prog) == 0) {
        redirect++;
      } else {
        frameEnd(ctx, frame, Fate.CPUMAP_PROG_REDIRECT_ERR, rcpu.cpu);
        drop++;
      }
    } else {
      frameEnd(ctx, frame, Fate.CPUMAP_PROG_DROP, rcpu.cpu);
      drop++;
    }
  }
  if (redirect != 0) xdpDoFlush(ctx);
  traceXdpCpumapKthread(ctx, rcpu, n, rcpu.own.sched, pass, drop, redirect);
  rcpu.own.xdpPass += pass;
  rcpu.own.xdpDrop += drop;
  rcpu.own.xdpRedirect += redirect;
  return pass;
}

/** `kthread_stop` was called and the ring is empty: the kthread ends. True once. */
export function kthreadEnded(rcpu: BpfCpuMapEntry): bool {
  if (load32(stateOf(rcpu)) != KthreadState.STOPPING || !ptrRingEmpty(rcpu.queue)) return false;
  return true;
}

/** The last word of a kthread: control frees the entry once it sees this. */
export function kthreadExit(rcpu: BpfCpuMapEntry): void {
  store32(stateOf(rcpu), KthreadState.STOPPED);
}
