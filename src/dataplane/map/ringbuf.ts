import { load32, lock, store32, unlock } from "../atomics";
import { current } from "../context/current";
import { BpfMap, Context, RESERVATIONS_MAX, Reservation } from "../layout";
import { Ringbuf, RingbufBit, RingbufPosition } from "./structs";

/**
 * RINGBUF (kernel/bpf/ringbuf.c): contexts reserve in turn under the map's lock and fill their records without it; control
 * reads what is no longer busy, in order. Lengths and positions are the kernel's: a header of 8 bytes goes before every
 * record, though here that is empty.
 */

/** BPF_RINGBUF_HDR_SZ. */
export const RINGBUF_HEADER_BYTES: u32 = 8;

// @ts-ignore: decorator
@inline
function ringOf(map: BpfMap): Ringbuf {
  return changetype<Ringbuf>(map.slots);
}

// @ts-ignore: decorator
@inline
function positionOf(side: RingbufPosition): usize {
  return changetype<usize>(side) + offsetof<RingbufPosition>("position");
}

/** Address of the header word of the record at `position`. */
// @ts-ignore: decorator
@inline
function headerOf(ring: Ringbuf, position: u32): usize {
  return ring.headers + (<usize>((position & (ring.size - 1)) >>> 3) << 2);
}

/**
 * `__bpf_ringbuf_reserve`: address of `size` bytes in one piece, or 0 where there is no room. The run must give them back
 * by `ringbufCommit`; what it has not when it ends is discarded.
 */
export function ringbufReserve(ctx: Context, map: BpfMap, size: u64): usize {
  const ring = ringOf(map);
  if (ctx.nrReservations == RESERVATIONS_MAX) return 0;
  if (size > <u64>RingbufBit.LENGTH) return 0;
  const bytes = (<u32>size + RINGBUF_HEADER_BYTES + 7) & ~7;
  if (bytes > ring.size) return 0;
  lock(map.locks, ctx.id + 1);
  // Pairs with control's store once it has read a record.
  const consumed = load32(positionOf(ring.consumer));
  // Plain: only who holds the lock writes it.
  const position = ring.producer.position;
  if (position + bytes - consumed > ring.size - 1) {
    unlock(map.locks);
    return 0;
  }
  note(ctx, map, position);
  store32(headerOf(ring, position), <u32>size | RingbufBit.BUSY);
  store32(positionOf(ring.producer), position + bytes);
  unlock(map.locks);
  return map.values + (position & (ring.size - 1)) + RINGBUF_HEADER_BYTES;
}

// @ts-ignore: decorator
@inline
function reservationAt(ctx: Context, index: u32): Reservation {
  return changetype<Reservation>(ctx.reservations + <usize>index * offsetof<Reservation>());
}

function note(ctx: Context, map: BpfMap, position: u32): void {
  const reservation = reservationAt(ctx, ctx.nrReservations);
  reservation.map = map;
  reservation.position = position;
  ctx.nrReservations++;
}

/** `bpf_ringbuf_commit`; false where the run in hand has reserved no record whose bytes begin at `sample`. */
export function ringbufCommit(ctx: Context, sample: u64, isDiscarded: bool): bool {
  for (let i: u32 = 0; i < ctx.nrReservations; i++) {
    const reservation = reservationAt(ctx, i);
    if (sample != <u64>sampleOf(reservation)) continue;
    finish(reservation, isDiscarded);
    const last = reservationAt(ctx, --ctx.nrReservations);
    reservation.map = last.map;
    reservation.position = last.position;
    return true;
  }
  return false;
}

/** Where the record ends that the run in hand has reserved and that has the byte at `address`; 0 for none. */
export function ringbufRecordEnd(ctx: Context, map: BpfMap, address: usize): usize {
  for (let i: u32 = 0; i < ctx.nrReservations; i++) {
    const reservation = reservationAt(ctx, i);
    if (reservation.map != map) continue;
    const sample = sampleOf(reservation);
    const length = load32(headerOf(ringOf(map), reservation.position)) & RingbufBit.LENGTH;
    if (address >= sample && address - sample < <usize>length) return sample + length;
  }
  return 0;
}

function sampleOf(reservation: Reservation): usize {
  const map = reservation.map;
  return map.values + (reservation.position & (ringOf(map).size - 1)) + RINGBUF_HEADER_BYTES;
}

function finish(reservation: Reservation, isDiscarded: bool): void {
  const header = headerOf(ringOf(reservation.map), reservation.position);
  const length = load32(header) & RingbufBit.LENGTH;
  // Pairs with the load in ringbufPeek: the record is whole.
  store32(header, isDiscarded ? length | RingbufBit.DISCARD : length);
}

/** The run is over, or its worker dead: what it still has reserved would block the ring for good. */
export function ringbufAbandon(ctx: Context): void {
  for (let i: u32 = 0; i < ctx.nrReservations; i++) finish(reservationAt(ctx, i), true);
  ctx.nrReservations = 0;
}

/** `bpf_ringbuf_output`: false where there was no room. */
export function ringbufOutput(map: BpfMap, data: usize, size: u64): bool {
  const ctx = current();
  const sample = ringbufReserve(ctx, map, size);
  if (sample == 0) return false;
  memory.copy(sample, data, <usize>size);
  return ringbufCommit(ctx, sample, false);
}

/** `ringbuf_avail_data_sz`. */
export function ringbufAvailable(map: BpfMap): u32 {
  const ring = ringOf(map);
  return load32(positionOf(ring.producer)) - load32(positionOf(ring.consumer));
}

export function ringbufProducerPosition(map: BpfMap): u32 {
  return load32(positionOf(ringOf(map).producer));
}

export function ringbufConsumerPosition(map: BpfMap): u32 {
  return load32(positionOf(ringOf(map).consumer));
}

// -- control's side: the one consumer

/** The oldest record's header word, or BUSY where there is none to read yet. Its bytes are at `ringbufSample`. */
export function ringbufPeek(map: BpfMap): u32 {
  const ring = ringOf(map);
  // Plain: control alone writes it.
  const position = ring.consumer.position;
  if (position == load32(positionOf(ring.producer))) return RingbufBit.BUSY;
  return load32(headerOf(ring, position));
}

/** Address of the oldest record's bytes. */
export function ringbufSample(map: BpfMap): usize {
  const ring = ringOf(map);
  // Plain: control alone writes it.
  return map.values + (ring.consumer.position & (ring.size - 1)) + RINGBUF_HEADER_BYTES;
}

/** Done with the oldest record: its room may be used again. */
export function ringbufRelease(map: BpfMap): void {
  const ring = ringOf(map);
  // Plain: control alone writes it.
  const position = ring.consumer.position;
  const header = headerOf(ring, position);
  const bytes = ((load32(header) & RingbufBit.LENGTH) + RINGBUF_HEADER_BYTES + 7) & ~7;
  // Headers are 0 but where records start.
  store32(header, 0);
  store32(positionOf(ring.consumer), position + bytes);
}
