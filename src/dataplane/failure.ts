import { cmpxchg32 } from "./atomics";
import { MACHINE_ADDRESS, Machine } from "./layout";

/** Invariants of the data plane. `src/machine/failure.ts` says them in words. */
export const enum Failure {
  NONE = 0,
  /** A frame was freed, or handed on, by a context that does not hold it. Detail: the frame. */
  NOT_OWNER = 1,
  /** A pool gave out a frame that is not free. Detail: the frame. */
  NOT_FREE = 2,
  /** A pool's recycle ring refused a frame: it was returned twice. Detail: the frame. */
  RECYCLE_FULL = 3,
  /** A flow's frames reached a target out of order, or twice. Detail: the frame. */
  OUT_OF_ORDER = 4,
  /** A kthread ended with frames on its ring. Detail: the entry. */
  KTHREAD_NOT_EMPTY = 5,
}

/** Records the first broken invariant of the machine and traps: no state can be trusted behind it. */
export function fail(failure: Failure, contextId: u32, detail: usize): void {
  const machine = changetype<Machine>(MACHINE_ADDRESS);
  if (cmpxchg32(MACHINE_ADDRESS + offsetof<Machine>("failure"), 0, failure) == 0) {
    machine.failureContext = contextId;
    machine.failureDetail = <u32>detail;
  }
  unreachable();
}
