import { XdpFrame } from "../layout";

/** The `index`th frame of a u32 array of frame pointers, as polls, bulks and batches have them. */
// @ts-ignore: decorator
@inline
export function frameAt(frames: usize, index: u32): XdpFrame {
  return changetype<XdpFrame>(<usize>load<u32>(frames + (<usize>index << 2)));
}
