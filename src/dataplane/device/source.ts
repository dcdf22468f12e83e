import { load32 } from "../atomics";
import { framePoolMayHave, framePoolRefill, framesClaim } from "../frame/pool";
import { Context, Device, Packet, RxMode, RxQueue, Source } from "../layout";
import { frameEnd } from "../trace/fates";
import { Fate } from "../trace/kinds";
import { ETH_HLEN, VLAN_HLEN } from "../uapi";
import { framesOf, packetToFrame } from "./packet";
import { stampWrite } from "./stamp";

/** Traffic that arrives at a receive queue: packets written into frames of the polling context. */

/** The first of the queue's traffic, if it has any now. */
// @ts-ignore: decorator
@inline
function sourceOf(rq: RxQueue): Source | null {
  return changetype<Source | null>(<usize>load32(changetype<usize>(rq) + offsetof<RxQueue>("source")));
}

/** The queue's traffic that a poll takes from: what has frames, in turn. */
export function sourceInTurn(ctx: Context, rq: RxQueue): Source | null {
  const head = sourceOf(rq);
  if (head == null || head.next == null) return head;
  const first = rq.turn++;
  const count = chainLength(head);
  for (let i: u32 = 0; i < count; i++) {
    const source = sourceAt(head, (first + i) % count);
    if (sourceHasWork(ctx, source)) return source;
  }
  return null;
}

function chainLength(head: Source): u32 {
  let length: u32 = 1;
  let source = head.next;
  while (source) {
    length++;
    source = source.next;
  }
  return length;
}

function sourceAt(head: Source, index: u32): Source {
  let source = head;
  for (let i: u32 = 0; i < index; i++) source = source.next!;
  return source;
}

/** Whether any of the queue's traffic has frames to take. */
export function sourcesHaveWork(ctx: Context, rq: RxQueue): bool {
  let source = sourceOf(rq);
  while (source) {
    if (sourceHasWork(ctx, source)) return true;
    source = source.next;
  }
  return false;
}

/** Whether `sourceFetch` would take something: a source whose frames are all in use waits until some come back. */
function sourceHasWork(ctx: Context, source: Source): bool {
  if (source.remaining == 0) return false;
  const packet = changetype<Packet>(source.packets + <usize>source.cursor * offsetof<Packet>());
  return framePoolMayHave(ctx.pool, framesOf(ctx, packet));
}

/** Where a stamped packet carries its flow's number: `stampWrite` has the whole stamp. */
const STAMP_FLOW_OFFSET: usize = 46;

/**
 * Takes up to `budget` packets off the source into frames, u32 pointers in `ctx.frames`; fewer where the pool is empty:
 * the source waits, it loses nothing. What the device does not receive at its MTU ends here.
 */
export function sourceFetch(ctx: Context, rq: RxQueue, source: Source, budget: u32): u32 {
  let n = source.burst != 0 ? min(budget, source.burst) : budget;
  if (source.remaining < n) n = <u32>source.remaining;
  n = framePoolRefill(ctx.pool, n);
  framesClaim(ctx.pool, n, rq.device);
  const longest = rxLengthMax(rq);
  let taken: u32 = 0;
  let fetched: u32 = 0;
  let bytes: u64 = 0;
  while (taken < n) {
    const packet = changetype<Packet>(source.packets + <usize>source.cursor * offsetof<Packet>());
    const frame = packetToFrame(ctx, rq, packet, source.fill);
    if (frame == null) break;
    if (source.sequences) stamp(source, frame.data);
    taken++;
    bytes += packet.length;
    if (++source.cursor == source.nrPackets) source.cursor = 0;
    if (packet.length > longest) {
      frameEnd(ctx, frame, Fate.RX_DROP, rq.device.ifindex);
      continue;
    }
    store<u32>(ctx.frames + (<usize>fetched << 2), changetype<usize>(frame));
    fetched++;
  }
  if (source.remaining != u64.MAX_VALUE) source.remaining -= taken;
  rq.frames += taken;
  rq.bytes += bytes;
  return fetched;
}

/** Longest frame that a device receives: its MTU with an Ethernet header and a VLAN tag. A test run asks no device. */
function rxLengthMax(rq: RxQueue): u32 {
  if (rq.mode != RxMode.NATIVE) return u32.MAX_VALUE;
  return load32(changetype<usize>(rq.device) + offsetof<Device>("mtu")) + ETH_HLEN + VLAN_HLEN;
}

// @ts-ignore: decorator
@inline
function stamp(source: Source, data: usize): void {
  const counter = source.sequences + (<usize>source.cursor << 2);
  const sequence = load<u32>(counter) + 1;
  store<u32>(counter, sequence);
  stampWrite(data, load<u32>(data + STAMP_FLOW_OFFSET), sequence);
}
