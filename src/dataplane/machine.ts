import { load32 } from "./atomics";
import { MACHINE_ADDRESS, Machine } from "./layout";

/** The machine that this instance's memory holds. */
// @ts-ignore: decorator
@inline
export function machine(): Machine {
  return changetype<Machine>(MACHINE_ADDRESS);
}

/** Bits of `Recording` that are on. */
// @ts-ignore: decorator
@inline
export function recording(): u32 {
  return load32(MACHINE_ADDRESS + offsetof<Machine>("recording"));
}
