import { cmpxchg32, load32, notify, store32 } from "../atomics";
import { Context, ContextWake } from "../layout";

/**
 * Sleeping and waking. A worker announces its sleep, looks for work once more, and waits on the `sleeping` word with a
 * time-out; a producer publishes its work first and then looks at the word. Either sees the other: accesses are
 * sequentially consistent. Only `workers/` waits.
 */

// @ts-ignore: decorator
@inline
function sleepingOf(ctx: Context): usize {
  return changetype<usize>(ctx.wake) + offsetof<ContextWake>("sleeping");
}

/** Wakes the worker of `ctx` if it sleeps; costs a load if it does not. */
// @ts-ignore: decorator
@inline
export function wakeUp(ctx: Context): void {
  const sleeping = sleepingOf(ctx);
  if (load32(sleeping) != 0 && cmpxchg32(sleeping, 1, 0) == 1) notify(sleeping);
}

/** The worker is about to sleep: it must look for work after this. */
export function announceSleep(ctx: Context): void {
  store32(sleepingOf(ctx), 1);
}

export function awake(ctx: Context): void {
  store32(changetype<usize>(ctx.wake) + offsetof<ContextWake>("sleeps"), ctx.wake.sleeps + 1);
  store32(sleepingOf(ctx), 0);
}

/** Address of the word to wait on while it is 1. */
export function sleepAddress(ctx: Context): usize {
  return sleepingOf(ctx);
}
