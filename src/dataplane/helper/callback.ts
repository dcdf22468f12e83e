import { hasFault } from "../context/fault";
import { Errno } from "../uapi";
import { asResult } from "./arguments";
import { Refusal, refuseArgument } from "./refuse";

/** Helpers that call the program back, by a slot of the program table. */

/** BPF_MAX_LOOPS. */
export const LOOPS_MAX: u32 = 8 * 1024 * 1024;

/** Slots that hold callbacks of compiled programs, in this thread's table: `low` to `high` - 1. */
let callbacksLow: u32 = 0;
let callbacksHigh: u32 = 0;

/** Tells where callbacks are, all of whose slots are filled: any other number that a program passes for one is refused. */
export function setCallbackSlots(low: u32, high: u32): void {
  callbacksLow = low;
  callbacksHigh = high;
}

export function callbackArgument(argument: u32, callback: u64): bool {
  if (callback >= callbacksLow && callback < callbacksHigh) return true;
  refuseArgument(Refusal.NOT_CALLBACK, argument, callback);
  return false;
}

// @ts-ignore: decorator
@inline
export function invoke(callback: u64, r1: u64, r2: u64, r3: u64, r4: u64): u64 {
  return call_indirect<u64>(<u32>callback, r1, r2, r3, r4, <u64>0);
}

/** `bpf_loop(nr_loops, callback, callback_ctx, flags)`: how often it called back. */
export function helperLoop(nrLoops: u64, callback: u64, callbackCtx: u64, flags: u64, _r5: u64): u64 {
  if (!callbackArgument(2, callback)) return 0;
  if (flags != 0) return asResult(-Errno.EINVAL);
  if (<u32>nrLoops > LOOPS_MAX) return asResult(-Errno.E2BIG);
  for (let i: u32 = 0; i < <u32>nrLoops; i++) {
    const stops = invoke(callback, i, callbackCtx, 0, 0) != 0;
    if (hasFault()) return 0;
    if (stops) return i + 1;
  }
  return <u32>nrLoops;
}
