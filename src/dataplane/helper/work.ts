import { exhaust } from "../context/fault";

/**
 * What helpers do counts too: a run has a budget for it beside the one of its own instructions
 * (src/bpf/limits.ts:DEFAULT_BUDGET), or a few instructions in a loop could keep a worker for minutes. DIVERGES: as that
 * one does; the kernel bounds such a loop by what its verifier lets pass.
 *
 * A unit is about what an instruction takes: a byte that is looked at, eight that are copied, an entry that is passed by.
 */
const WORK_MAX: i64 = 16 * 1024 * 1024;

/** Of the run in hand. In a thread that runs no programs, as control's, it only falls. */
let left: i64 = WORK_MAX;

/** A run begins. */
// @ts-ignore: decorator
@inline
export function workBegin(): void {
  left = WORK_MAX;
}

/** Takes work off the budget that is done anyway, because a bound for it is known; the next `afford` sees it. */
// @ts-ignore: decorator
@inline
export function spend(units: u32): void {
  left -= units;
}

/** Takes work off the budget before it is done. False: there is not as much, the run ends, and the helper must at once. */
// @ts-ignore: decorator
@inline
export function afford(units: u64): bool {
  left -= <i64>units;
  return left >= 0 || overspent();
}

function overspent(): bool {
  exhaust();
  return false;
}

/** The same for bytes that are copied. */
// @ts-ignore: decorator
@inline
export function affordCopy(bytes: u64): bool {
  return afford(bytes >> 3);
}
