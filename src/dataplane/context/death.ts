import { BpfCpuMapEntry, Context, Cpu, FrameFlag, FrameOwner, FramePool, XdpFrame } from "../layout";
import { frameAt } from "../frame/array";
import { holder, poolFrame, setFragOwners, settle, takeOver, xdpFlushFrameBulk } from "../frame/pool";
import { ptrRingConsume } from "../ring/ptrRing";
import { frameEnd } from "../trace/fates";
import { Fate } from "../trace/kinds";

/** What control does about frames whose holder is gone. Nobody else may be running on what is touched here. */

/**
 * The worker of `dead` died inside a bottom-half section of its CPU: its flush lists are emptied, since the frames on
 * them end by `reapFrames`.
 */
export function abandonFlushLists(dead: Context): void {
  const cpu = dead.cpu;
  if (cpu == null) return;
  abandonDevices(cpu);
  abandonCpus(cpu);
  abandonSockets(cpu);
  // Plain: nobody else runs on what is touched here.
  let rq = dead.rxQueues;
  while (rq) {
    rq.txCount = 0;
    rq = rq.next;
  }
}

function abandonDevices(cpu: Cpu): void {
  let bq = cpu.devFlushList;
  while (bq) {
    const next = bq.flushNext;
    bq.count = 0;
    bq.devRx = null;
    bq.prog = null;
    bq.flushNext = null;
    bq = next;
  }
  cpu.devFlushList = null;
}

function abandonCpus(cpu: Cpu): void {
  let bq = cpu.cpuMapFlushList;
  while (bq) {
    bq.count = 0;
    bq.onList = 0;
    bq = bq.flushNext;
  }
  cpu.cpuMapFlushList = null;
}

function abandonSockets(cpu: Cpu): void {
  let xs = cpu.xskMapFlushList;
  while (xs) {
    const next = xs.receiver.flushNext;
    xs.receiver.onFlushList = 0;
    xs.receiver.flushNext = null;
    xs = next;
  }
  cpu.xskMapFlushList = null;
}

/**
 * Ends every frame of `pool` whose owner word is `owner` with `fate`, in the name of control; returns how many. Frames
 * that are fragments end with the frame that they belong to.
 */
export function reapFrames(control: Context, pool: FramePool, owner: u32, fate: Fate, target: u32): u32 {
  let reaped: u32 = 0;
  for (let i: u32 = 0; i < pool.nrFrames; i++) {
    const frame = poolFrame(pool, i);
    if (frame.owner != owner || (frame.flags & FrameFlag.FRAG) != 0) continue;
    claim(control, frame);
    frameEnd(control, frame, fate, target);
    reaped++;
  }
  return reaped;
}

function claim(control: Context, frame: XdpFrame): void {
  frame.owner = holder(control);
  if (frame.flags & FrameFlag.HAS_FRAGS) setFragOwners(frame, frame.owner);
}

/** Ends what waits for a kthread that will never run again; its entry can then be freed. */
export function kthreadAbandon(control: Context, rcpu: BpfCpuMapEntry): void {
  while (ptrRingConsume(rcpu.queue, control.frames, 1) != 0) {
    const frame = frameAt(control.frames, 0);
    takeOver(control, frame);
    frameEnd(control, frame, Fate.UNDELIVERED, rcpu.cpu);
  }
  xdpFlushFrameBulk(control);
  settle(control);
}

/** Frames of the pool that are not free, fragments apart: what a drained machine must not have. */
export function framesInUse(pool: FramePool): u32 {
  let inUse: u32 = 0;
  for (let i: u32 = 0; i < pool.nrFrames; i++) {
    const frame = poolFrame(pool, i);
    if (frame.owner != FrameOwner.FREE && (frame.flags & FrameFlag.FRAG) == 0) inUse++;
  }
  return inUse;
}

/** Fragments of the pool that are in use, but of no frame that is: lost, whatever `framesInUse` says. */
export function fragsAstray(pool: FramePool): i32 {
  let astray: i32 = 0;
  for (let i: u32 = 0; i < pool.nrFrames; i++) {
    const frame = poolFrame(pool, i);
    if (frame.owner == FrameOwner.FREE) continue;
    if (frame.flags & FrameFlag.FRAG) astray++;
    else if (frame.flags & FrameFlag.HAS_FRAGS) astray -= frame.nrFrags;
  }
  return astray;
}
