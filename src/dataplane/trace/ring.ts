import { add32, load32, store32 } from "../atomics";
import { Context, LINE, MACHINE_ADDRESS, Machine, RecordKind, Recording, TraceRecord, TraceRing, XdpFrame } from "../layout";
import { machine, recording } from "../machine";
import { indexOf, ownIndex } from "../ring/side";

/** A context's trace ring: variable records, one writer, read by the control plane. */

// @ts-ignore: decorator
@external("env", "nowNs")
declare function nowNs(): f64;

export function traceRingBytes(size: u32): u32 {
  return <u32>(LINE * 3) + size;
}

/** Makes zeroed memory an empty ring of `size` bytes, a power of two. */
export function traceRingInit(ring: TraceRing, size: u32): void {
  ring.size = size;
  ring.buffer = changetype<usize>(ring) + LINE * 3;
}

/** Free bytes as the producer sees them, after a fresh look if there seem to be fewer than `wanted`. */
function room(ring: TraceRing, wanted: u32): u32 {
  const producer = ring.producer;
  const free = ring.size - (ownIndex(producer) - producer.cached);
  if (free >= wanted) return free;
  // Pairs with the control plane's store of the consumer index.
  producer.cached = load32(indexOf(ring.consumer));
  return ring.size - (ownIndex(producer) - producer.cached);
}

/**
 * How many frames `ctx` may handle now, at most `budget`: all of them, unless records must not be lost and the reader is
 * behind.
 */
export function traceBudget(ctx: Context, budget: u32): u32 {
  const ring = ctx.trace;
  if (ring == null) return budget;
  ring.granted = (recording() & Recording.LOSSLESS) == 0 ? budget : framesThatFit(ring, budget);
  return ring.granted;
}

// @ts-ignore: decorator
@inline
function recordBytesPerFrame(): u32 {
  return load32(MACHINE_ADDRESS + offsetof<Machine>("recordBytesPerFrame"));
}

/**
 * What a frame is granted. Where programs print, room for that too, and as much again: what the records of a step's earlier
 * frames took is kept for its later ones all the same (`traceReserveSpare`).
 */
function recordBytesGranted(): u32 {
  const prints = machine().printBytesPerFrame;
  return prints == 0 ? recordBytesPerFrame() : 2 * recordBytesPerFrame() + prints;
}

function framesThatFit(ring: TraceRing, budget: u32): u32 {
  const each = recordBytesGranted();
  // A record that would wrap leaves the end of the buffer unused: one frame's worth is kept back for that.
  const frames = room(ring, (budget + 1) * each) / each;
  return frames <= 1 ? 0 : min(budget, frames - 1);
}

/**
 * `traceReserve` for what programs write, which is as much as they like: null where it would take the room that the
 * records of the frames in hand need.
 */
export function traceReserveSpare(ctx: Context, kind: RecordKind, bytes: u32): TraceRecord | null {
  const ring = ctx.trace;
  if (ring == null) return null;
  const kept = (recording() & Recording.PRINTS) != 0 ? 0 : (ring.granted + 1) * recordBytesPerFrame();
  const wanted = bytes + kept;
  if (room(ring, wanted) < wanted) {
    if (kind == RecordKind.PRINTK) ring.lostTexts++;
    else ring.lost++;
    return null;
  }
  return traceReserve(ctx, kind, 0, null, bytes);
}

/** A new record with its head filled in, or null where it was lost; `traceCommit` publishes it. `bytes` is rounded up. */
export function traceReserve(ctx: Context, kind: RecordKind, type: u32, frame: XdpFrame | null, bytes: u32): TraceRecord | null {
  const ring = ctx.trace!;
  bytes = (bytes + 7) & ~7;
  const producer = ring.producer;
  const offset = ownIndex(producer) & (ring.size - 1);
  const contiguous = ring.size - offset;
  const padding: u32 = bytes <= contiguous ? 0 : contiguous;
  if (room(ring, padding + bytes) < padding + bytes) {
    ring.lost++;
    return null;
  }
  if (padding) {
    const pad = changetype<TraceRecord>(ring.buffer + offset);
    pad.bytes = padding;
    pad.kind = <u16>RecordKind.PAD;
  }
  const record = changetype<TraceRecord>(ring.buffer + (padding ? 0 : offset));
  record.bytes = bytes;
  record.kind = <u16>kind;
  record.type = <u16>type;
  record.timeNs = nowNs();
  record.order = add32(MACHINE_ADDRESS + offsetof<Machine>("recordOrder"), 1);
  const cpu = ctx.cpu;
  record.cpu = cpu ? cpu.id : -1;
  record.tag = frame ? frame.tag : 0;
  record.frame = <u32>changetype<usize>(frame);
  const kthread = ctx.kthread;
  record.kthreadMapId = kthread == null ? 0 : kthread.mapId;
  return record;
}

export function traceCommit(ctx: Context, record: TraceRecord): void {
  const ring = ctx.trace!;
  const producer = ring.producer;
  const offset = ownIndex(producer) & (ring.size - 1);
  const start = changetype<usize>(record) - ring.buffer;
  const padding: u32 = start == offset ? 0 : ring.size - offset;
  // Pairs with the control plane's load of the producer index.
  store32(indexOf(producer), ownIndex(producer) + padding + record.bytes);
}
