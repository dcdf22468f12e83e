import { SpscRingSide } from "../layout";

/** A side's index, as its own side and as the other one see it. */

/** Address of the index: for the other side's loads, and for this side's stores. */
// @ts-ignore: decorator
@inline
export function indexOf(side: SpscRingSide): usize {
  return changetype<usize>(side) + offsetof<SpscRingSide>("index");
}

/** The index as its own side reads it. */
// @ts-ignore: decorator
@inline
export function ownIndex(side: SpscRingSide): u32 {
  // Plain: this side alone writes it.
  return side.index;
}
