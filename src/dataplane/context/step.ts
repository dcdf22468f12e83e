import { load32, lock, store32, unlock } from "../atomics";
import { settle, xdpFlushFrameBulk } from "../frame/pool";
import { BpfCpuMapEntry, Context, ContextKind, RxQueue, WireQueue, XdpSock } from "../layout";
import { applicationHasWork, applicationStep } from "../socket/application";
import { traceBudget } from "../trace/ring";
import { setCurrent } from "./current";
import { kthreadEnded, kthreadExit, kthreadHasWork, kthreadRun } from "./kthread";
import { napiHasWork, napiPoll } from "./napi";
import { wireDrain, wireHasWork } from "./wire";

/**
 * A context's `step`: one round over all that it serves, never blocking. The same step runs on a worker, under a
 * controlled schedule, and in process.
 */

/** Frames (or descriptors) that were moved; 0: there was nothing to do, or no room for its records. */
export function contextStep(ctx: Context): u32 {
  setCurrent(ctx);
  let moved: u32 = 0;
  switch (ctx.kind) {
    case ContextKind.RECEIVE: {
      moved = receiveStep(ctx);
      break;
    }
    case ContextKind.CPUMAP: {
      moved = cpumapStep(ctx);
      break;
    }
    case ContextKind.DEVICE: {
      moved = deviceStep(ctx);
      break;
    }
    case ContextKind.SOCKET: {
      moved = socketStep(ctx);
      break;
    }
  }
  xdpFlushFrameBulk(ctx);
  if (moved == 0) settle(ctx);
  return moved;
}

function receiveStep(ctx: Context): u32 {
  let moved: u32 = 0;
  let rq = rxQueues(ctx);
  while (rq) {
    moved += napiPoll(ctx, rq, traceBudget(ctx, ctx.weight));
    rq = rq.next;
  }
  return moved;
}

function cpumapStep(ctx: Context): u32 {
  let moved: u32 = 0;
  let rcpu = kthreads(ctx);
  while (rcpu) {
    // Read first: an entry whose kthread ends is control's to free.
    const next = rcpu.next;
    moved += kthreadStep(ctx, rcpu);
    rcpu = next;
  }
  return moved;
}

function deviceStep(ctx: Context): u32 {
  let moved: u32 = 0;
  let wire = wires(ctx);
  while (wire) {
    moved += wireDrain(ctx, wire, traceBudget(ctx, ctx.weight));
    wire = wire.next;
  }
  return moved;
}

function socketStep(ctx: Context): u32 {
  let moved: u32 = 0;
  let xs = sockets(ctx);
  while (xs) {
    moved += applicationStep(ctx, xs, traceBudget(ctx, ctx.weight));
    xs = xs.next;
  }
  return moved;
}

/** Up to `rounds` steps, ended by one that finds nothing: a worker's loop without a way back to JavaScript for each. */
export function contextRun(ctx: Context, rounds: u32): u32 {
  let moved: u32 = 0;
  for (let round: u32 = 0; round < rounds; round++) {
    const n = contextStep(ctx);
    if (n == 0) break;
    moved += n;
  }
  return moved;
}

/** Looks for work up to `polls` times; true as soon as there is some. */
export function contextPoll(ctx: Context, polls: u32): bool {
  for (let poll: u32 = 0; poll < polls; poll++) {
    if (contextHasWork(ctx)) return true;
  }
  return false;
}

/** Whether a step would find something to do. Work that waits for the reader of the trace ring is none. */
export function contextHasWork(ctx: Context): bool {
  return contextIsPending(ctx) && traceBudget(ctx, 1) != 0;
}

/** Whether there is something to do, though perhaps no room for its records. Changes nothing: control may ask as well. */
export function contextIsPending(ctx: Context): bool {
  switch (ctx.kind) {
    case ContextKind.RECEIVE: return receiveHasWork(ctx);
    case ContextKind.CPUMAP: return cpumapHasWork(ctx);
    case ContextKind.DEVICE: return deviceHasWork(ctx);
    case ContextKind.SOCKET: return socketHasWork(ctx);
    default: return false;
  }
}

function receiveHasWork(ctx: Context): bool {
  let rq = rxQueues(ctx);
  while (rq) {
    if (napiHasWork(ctx, rq)) return true;
    rq = rq.next;
  }
  return false;
}

function cpumapHasWork(ctx: Context): bool {
  let rcpu = kthreads(ctx);
  while (rcpu) {
    if (kthreadHasWork(rcpu)) return true;
    rcpu = rcpu.next;
  }
  return false;
}

function deviceHasWork(ctx: Context): bool {
  let wire = wires(ctx);
  while (wire) {
    if (wireHasWork(wire)) return true;
    wire = wire.next;
  }
  return false;
}

function socketHasWork(ctx: Context): bool {
  let xs = sockets(ctx);
  while (xs) {
    if (applicationHasWork(ctx, xs)) return true;
    xs = xs.next;
  }
  return false;
}

/** Runs one kthread, up to the weight; then, if it was stopped and is done, its end. */
function kthreadStep(ctx: Context, rcpu: BpfCpuMapEntry): u32 {
  const moved = kthreadRun(ctx, rcpu, traceBudget(ctx, ctx.weight));
  if (kthreadEnded(rcpu)) {
    listRemove(ctx, rcpu);
    kthreadExit(rcpu);
  }
  return moved;
}

// -- The lists of what a context serves: control adds at the head, the context walks, `listLock` orders changes.

// @ts-ignore: decorator
@inline
function rxQueues(ctx: Context): RxQueue | null {
  return changetype<RxQueue | null>(<usize>load32(changetype<usize>(ctx) + offsetof<Context>("rxQueues")));
}

// @ts-ignore: decorator
@inline
function kthreads(ctx: Context): BpfCpuMapEntry | null {
  return changetype<BpfCpuMapEntry | null>(<usize>load32(changetype<usize>(ctx) + offsetof<Context>("kthreads")));
}

// @ts-ignore: decorator
@inline
function wires(ctx: Context): WireQueue | null {
  return changetype<WireQueue | null>(<usize>load32(changetype<usize>(ctx) + offsetof<Context>("wires")));
}

// @ts-ignore: decorator
@inline
function sockets(ctx: Context): XdpSock | null {
  return changetype<XdpSock | null>(<usize>load32(changetype<usize>(ctx) + offsetof<Context>("sockets")));
}

// @ts-ignore: decorator
@inline
function listLock(ctx: Context): usize {
  return changetype<usize>(ctx) + offsetof<Context>("listLock");
}

/** Control gives `ctx` a kthread to run. `holder`: control's context id + 1. */
export function contextAddKthread(ctx: Context, rcpu: BpfCpuMapEntry, holder: u32): void {
  const head = changetype<usize>(ctx) + offsetof<Context>("kthreads");
  lock(listLock(ctx), holder);
  rcpu.next = changetype<BpfCpuMapEntry | null>(<usize>load32(head));
  store32(head, <u32>changetype<usize>(rcpu));
  unlock(listLock(ctx));
}

function listRemove(ctx: Context, rcpu: BpfCpuMapEntry): void {
  lock(listLock(ctx), ctx.id + 1);
  let before = kthreads(ctx)!;
  if (before == rcpu) {
    store32(changetype<usize>(ctx) + offsetof<Context>("kthreads"), <u32>changetype<usize>(rcpu.next));
  } else {
    while (before.next != rcpu) before = before.next!;
    before.next = rcpu.next;
  }
  unlock(listLock(ctx));
}
