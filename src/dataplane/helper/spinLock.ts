import { current } from "../context/current";
import { spinLockGive, spinLockTake } from "../map/spinLock";
import { memoryArgument } from "./arguments";
import { Refusal, refuseArgument } from "./refuse";

/**
 * `bpf_spin_lock(lock)`. A run holds one lock at a time, as the verifier has it. One that is not given back in 200 ms
 * (its holder died, or a wrong program wrote to it) ends the run; so does a run that ends give its lock back.
 */
export function helperSpinLock(lock: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const ctx = current();
  if (!memoryArgument(1, lock, 4)) return 0;
  if ((lock & 3) != 0 || ctx.spinLock != 0 || !spinLockTake(<usize>lock, ctx.id + 1)) {
    return refuseArgument(Refusal.SPIN_LOCK, 1, lock);
  }
  ctx.spinLock = <usize>lock;
  return 0;
}

/** `bpf_spin_unlock(lock)`. */
export function helperSpinUnlock(lock: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const ctx = current();
  if (ctx.spinLock == 0 || lock != ctx.spinLock) return refuseArgument(Refusal.SPIN_LOCK, 1, lock);
  ctx.spinLock = 0;
  spinLockGive(<usize>lock);
  return 0;
}
