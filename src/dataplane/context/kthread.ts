import { load32, store32 } from "../atomics";
import { stampCheck } from "../device/stamp";
import { xdpConvertFrameToBuff, xdpSetDevices, xdpUpdateFrameFromBuff } from "../frame/buff";
import { takeOver } from "../frame/pool";
import { BpfCpuMapEntry, BpfProg, Context, KthreadState, XdpFrame } from "../layout";
import { xdpDoRedirect } from "../redirect/doRedirect";
import { xdpDoFlush } from "../redirect/flush";
import { bpfProgRunXdp } from "../redirect/program";
import { ptrRingConsume, ptrRingEmpty } from "../ring/ptrRing";
import { frameEnd } from "../trace/fates";
import { Fate } from "../trace/kinds";
import { traceXdpCpumapKthread } from "../trace/tracepoints";
import { XdpAction } from "../uapi";
import { localBhDisable, localBhEnable } from "./bottomHalf";
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

/** One batch of up to `budget` frames. Returns how many were taken. */
export function kthreadRun(ctx: Context, rcpu: BpfCpuMapEntry, budget: u32): u32 {
  if (stalled(rcpu) && load32(stateOf(rcpu)) == KthreadState.RUNNING) return 0;
  const frames = ctx.frames;
  const n = ptrRingConsume(rcpu.queue, frames, min(budget, CPUMAP_BATCH));
  if (n == 0) {
    rcpu.sched = 1;
    return 0;
  }
  localBhDisable(ctx);
  for (let i: u32 = 0; i < n; i++) {
    const frame = changetype<XdpFrame>(<usize>load<u32>(frames + (<usize>i << 2)));
    takeOver(ctx, frame);
    stampCheck(ctx, rcpu.stamps, frame);
  }
  const prog = rcpu.prog;
  if (prog) runProgram(ctx, rcpu, prog, n);
  else for (let i: u32 = 0; i < n; i++) stackReceive(ctx, changetype<XdpFrame>(<usize>load<u32>(frames + (<usize>i << 2))));
  localBhEnable(ctx);
  rcpu.processed += n;
  if (prog == null) traceXdpCpumapKthread(ctx, rcpu, n, rcpu.sched, 0, 0, 0);
  rcpu.sched = 0;
  return n;
}

/** `cpu_map_bpf_prog_run_xdp`. DIVERGES: no word of ABORTED or unknown actions, as in the kernel, but their fate counts. */
function runProgram(ctx: Context, rcpu: BpfCpuMapEntry, prog: BpfProg, n: u32): void {
  const xdp = ctx.xdp;
  const frames = ctx.frames;
  let pass: u32 = 0;
  let drop: u32 = 0;
  let redirect: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const frame = changetype<XdpFrame>(<usize>load<u32>(frames + (<usize>i << 2)));
    const dev = frame.devRx;
    xdpConvertFrameToBuff(frame, xdp);
    // The kernel does not tell the program the receive queue (a TODO there): it sees 0.
    xdpSetDevices(xdp, dev, 0, 0);
    const act = bpfProgRunXdp(ctx, prog, xdp);
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
  traceXdpCpumapKthread(ctx, rcpu, n, rcpu.sched, pass, drop, redirect);
  for (let i: u32 = 0; i < pass; i++) stackReceive(ctx, changetype<XdpFrame>(<usize>load<u32>(frames + (<usize>i << 2))));
  rcpu.xdpPass += pass;
  rcpu.xdpDrop += drop;
  rcpu.xdpRedirect += redirect;
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
