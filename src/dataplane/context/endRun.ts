import { Context } from "../layout";
import { ringbufAbandon } from "../map/ringbuf";
import { setSpent } from "./current";
import { spinLockGive } from "../map/spinLock";

/** A run is over, perhaps by a fault or by its worker's death: what the verifier would have made it give back is taken. */
export function endRun(ctx: Context): void {
  ctx.tailCalls = 0;
  setSpent(0);
  ringbufAbandon(ctx);
  if (ctx.spinLock != 0) {
    spinLockGive(ctx.spinLock);
    ctx.spinLock = 0;
  }
}
