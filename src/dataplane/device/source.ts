import { load32 } from "../atomics";
import { framePoolMayHave, framePoolRefill } from "../frame/pool";
import { Context, Packet, RxQueue, Source } from "../layout";
import { framesOf, packetToFrame } from "./packet";
import { stampWrite } from "./stamp";

/** Traffic that arrives at a receive queue: packets written into frames of the polling context. */

/** The queue's traffic, if it has any now. */
// @ts-ignore: decorator
@inline
export function sourceOf(rq: RxQueue): Source | null {
  return changetype<Source | null>(<usize>load32(changetype<usize>(rq) + offsetof<RxQueue>("source")));
}

/** Whether `sourceFetch` would take something: a source whose frames are all in use waits until some come back. */
export function sourceHasWork(ctx: Context, source: Source): bool {
  if (source.remaining == 0) return false;
  const packet = changetype<Packet>(source.packets + <usize>source.cursor * offsetof<Packet>());
  return framePoolMayHave(ctx.pool, framesOf(ctx, packet));
}

/** Where a stamped packet carries its flow's number: `stampWrite` has the whole stamp. */
const STAMP_FLOW_OFFSET: usize = 46;

/**
 * Takes up to `budget` packets off the source into frames, u32 pointers in `ctx.frames`; fewer where the pool is empty:
 * the source waits, it loses nothing.
 */
export function sourceFetch(ctx: Context, rq: RxQueue, source: Source, budget: u32): u32 {
  let n = source.burst != 0 ? min(budget, source.burst) : budget;
  if (source.remaining < n) n = <u32>source.remaining;
  n = framePoolRefill(ctx.pool, n);
  let fetched: u32 = 0;
  let bytes: u64 = 0;
  while (fetched < n) {
    const packet = changetype<Packet>(source.packets + <usize>source.cursor * offsetof<Packet>());
    const frame = packetToFrame(ctx, rq, packet, source.fill);
    if (frame == null) break;
    if (source.sequences) stamp(source, frame.data);
    store<u32>(ctx.frames + (<usize>fetched << 2), changetype<usize>(frame));
    fetched++;
    bytes += packet.length;
    if (++source.cursor == source.nrPackets) source.cursor = 0;
  }
  if (source.remaining != u64.MAX_VALUE) source.remaining -= fetched;
  rq.frames += fetched;
  rq.bytes += bytes;
  return fetched;
}

// @ts-ignore: decorator
@inline
function stamp(source: Source, data: usize): void {
  const counter = source.sequences + (<usize>source.cursor << 2);
  const sequence = load<u32>(counter) + 1;
  store<u32>(counter, sequence);
  stampWrite(data, load<u32>(data + STAMP_FLOW_OFFSET), sequence);
}
