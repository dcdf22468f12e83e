import { add32 } from "../atomics";
import { frameAt } from "../frame/array";
import { COPY_TAGS, MACHINE_ADDRESS, Machine, Recording, XdpFrame } from "../layout";
import { recording } from "../machine";

/**
 * Tags: numbers by which a frame's records are known. Injected frames have one, with `Recording.LEDGER` every frame; they
 * are numbered from 1 as they come in.
 */

/** Gives each of the `n` frames in the u32 array `frames` that has no tag one. */
export function tagFrames(frames: usize, n: u32): void {
  let untagged: u32 = 0;
  for (let i: u32 = 0; i < n; i++) if (frameAt(frames, i).tag == 0) untagged++;
  if (untagged == 0) return;
  let last = add32(MACHINE_ADDRESS + offsetof<Machine>("tags"), untagged);
  for (let i: u32 = 0; i < n; i++) {
    const frame = frameAt(frames, i);
    if (frame.tag == 0) frame.tag = tagOf(++last);
  }
}

/** The tag of the frame with this number: from 1 again once the numbers have run out. */
// @ts-ignore: decorator
@inline
function tagOf(number: u32): u32 {
  const tag = number & (COPY_TAGS - 1);
  return tag != 0 ? tag : 1;
}

/** A tag for the next frame that is injected. */
export function nextTag(): u32 {
  return tagOf(add32(MACHINE_ADDRESS + offsetof<Machine>("tags"), 1) + 1);
}

/** A tag for a copy of `frame`: its own in the ledger, else that of the frame, whose fates are counted by it. */
export function copyTag(frame: XdpFrame): u32 {
  if ((recording() & Recording.LEDGER) == 0) return frame.tag;
  return COPY_TAGS | (add32(MACHINE_ADDRESS + offsetof<Machine>("copyTags"), 1) + 1);
}
