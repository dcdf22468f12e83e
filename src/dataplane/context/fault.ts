import { BpfProg } from "../layout";

/**
 * How a compiled program's run ends by a fault: the program, or a helper that it called, leaves a record (layout and
 * codes in src/bpf/fault.ts) and returns XDP_ABORTED.
 */

/** Slot of the program table with the function that is told of a fault. Programs begin at 1. */
const FAULT_HANDLER_SLOT: u32 = 0;
/** In place of an instruction's slot, which a helper does not know: who called it fills it in. */
const CALLER_SLOT: u32 = 0xffffffff;
/** `faultCodes.helper`. */
const FAULT_HELPER: u32 = 7;
/** `faultCodes.budget`. */
const FAULT_BUDGET: u32 = 4;

/** Where this thread's programs leave their record; 0, where nothing ever is, in a thread without compiled programs. */
let record: usize = 0;

export function setFaultRecord(address: usize): void {
  record = address;
}

/** Whether a run has been ended by a fault. */
// @ts-ignore: decorator
@inline
export function hasFault(): bool {
  return load<u32>(record) != 0;
}

/** A helper refuses its arguments, and says `why` in 24 bits: the program that called it ends. */
export function refuse(why: u32, detail: u64): u64 {
  leave(FAULT_HELPER | (why << 8), detail);
  return 0;
}

/** A helper has used up what the run may: the program that called it ends. */
export function exhaust(): void {
  leave(FAULT_BUDGET, 0);
}

function leave(code: u32, detail: u64): void {
  store<u32>(record, code);
  store<u32>(record, CALLER_SLOT, 4);
  store<u64>(record, detail, 8);
}

/** Tells the host that `prog` has left a record; the host takes it. */
export function reportFault(prog: BpfProg): void {
  call_indirect<u32>(FAULT_HANDLER_SLOT, changetype<usize>(prog));
}
