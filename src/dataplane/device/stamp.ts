import { Failure, fail } from "../failure";
import { Context, Recording, XdpFrame } from "../layout";
import { recording } from "../machine";

/**
 * Stamps in the payload of a stress run's UDP frames (Ethernet 14, IPv4 20, UDP 8): what reaches a target must carry
 * each flow's numbers in rising order, so nothing was swapped or delivered twice.
 */

const STAMP_OFFSET: usize = 42;
/** 'xstp' */
const STAMP_MAGIC: u32 = 0x70747378;
const STAMP_BYTES: u32 = 12;
/** Shortest frame that has room for one. */
const STAMPED_MIN_LENGTH: u32 = <u32>STAMP_OFFSET + STAMP_BYTES;

/** Numbers start at 1: a table of zeros has seen none. */
export function stampWrite(data: usize, flow: u32, sequence: u32): void {
  store<u32>(data + STAMP_OFFSET, STAMP_MAGIC);
  store<u32>(data + STAMP_OFFSET + 4, flow);
  store<u32>(data + STAMP_OFFSET + 8, sequence);
}

/** `stamps`: how many flows, then for each the last number seen at this target, u32; `ctx` alone serves it. */
// @ts-ignore: decorator
@inline
export function stampCheck(ctx: Context, stamps: usize, frame: XdpFrame): void {
  if (stamps != 0) check(ctx, stamps, frame.data, frame.len, changetype<usize>(frame));
}

/** The same for bytes that are no frame any more (a chunk of a UMEM); `detail` names them in a failure. */
export function stampCheckBytes(ctx: Context, stamps: usize, data: usize, length: u32): void {
  if (stamps != 0) check(ctx, stamps, data, length, data);
}

function check(ctx: Context, stamps: usize, data: usize, length: u32, detail: usize): void {
  if ((recording() & Recording.STAMPS) == 0) return;
  if (length < STAMPED_MIN_LENGTH || load<u32>(data + STAMP_OFFSET) != STAMP_MAGIC) return;
  const flow = load<u32>(data + STAMP_OFFSET + 4);
  // A program may have written what looks like a stamp.
  if (flow >= load<u32>(stamps)) return;
  const last = stamps + 4 + (<usize>flow << 2);
  const sequence = load<u32>(data + STAMP_OFFSET + 8);
  if (sequence <= load<u32>(last)) fail(Failure.OUT_OF_ORDER, ctx.id, detail);
  store<u32>(last, sequence);
}
