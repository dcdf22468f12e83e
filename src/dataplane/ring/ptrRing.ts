import { load32, lock, store32, storeRelaxed32, unlock } from "../atomics";
import { LINE, PtrRing, PtrRingConsumer, PtrRingProducer } from "../layout";

/**
 * `struct ptr_ring` (include/linux/ptr_ring.h): pointers in null-checked slots. Any number of producers under the
 * producer lock, one consumer without one. A slot is the producer's while it is 0, else the consumer's.
 */

/** SMP_CACHE_BYTES * 2 / sizeof(void *) on a 64-bit kernel: the consumer clears slots in groups of this many. */
const KERNEL_BATCH: u32 = 16;

/** Bytes of a ring of `size` slots. */
export function ptrRingBytes(size: u32): u32 {
  return <u32>(LINE * 3) + size * 4;
}

/** Makes zeroed memory an empty ring of `size` >= 1 slots. */
export function ptrRingInit(ring: PtrRing, size: u32): void {
  ring.size = size;
  ring.batch = KERNEL_BATCH > size / 2 ? 1 : KERNEL_BATCH;
  ring.queue = changetype<usize>(ring) + LINE * 3;
}

// @ts-ignore: decorator
@inline
function producerLock(ring: PtrRing): usize {
  return changetype<usize>(ring.producer) + offsetof<PtrRingProducer>("lock");
}

// @ts-ignore: decorator
@inline
function slot(ring: PtrRing, index: u32): usize {
  return ring.queue + (<usize>index << 2);
}

// @ts-ignore: decorator
@inline
export function ptrRingLock(ring: PtrRing, holder: u32): void {
  lock(producerLock(ring), holder);
  if (ring.producer.pending != 0) repair(ring);
}

// @ts-ignore: decorator
@inline
export function ptrRingUnlock(ring: PtrRing): void {
  unlock(producerLock(ring));
}

/** How many of the next `n` slots are free. The producer lock is held. */
export function ptrRingFree(ring: PtrRing, n: u32): u32 {
  let head = ring.producer.head;
  let free: u32 = 0;
  while (free < n && load32(slot(ring, head)) == 0) {
    free++;
    if (++head == ring.size) head = 0;
    if (free == ring.size) break;
  }
  return free;
}

/**
 * How many slots are free in all, by halving: they lie together, from `head` on. The producer lock is held; what the consumer
 * clears meanwhile may be missing.
 */
export function ptrRingRoom(ring: PtrRing): u32 {
  const size = ring.size;
  const head = ring.producer.head;
  let low: u32 = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >> 1;
    let index = head + middle;
    if (index >= size) index -= size;
    if (load32(slot(ring, index)) == 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Fills the next `n` slots, which `ptrRingFree` found free, from the u32 array `items`, and publishes them at once: the
 * first slot is stored last, and the consumer takes none before it. The producer lock is held.
 */
export function ptrRingProduce(ring: PtrRing, items: usize, n: u32): void {
  if (n == 0) return;
  const producer = ring.producer;
  const first = producer.head;
  const size = ring.size;
  producer.pending = n;
  for (let i = n - 1; i > 0; i--) {
    let index = first + i;
    if (index >= size) index -= size;
    storeRelaxed32(slot(ring, index), load<u32>(items + (<usize>i << 2)));
  }
  let head = first + n;
  if (head >= size) head -= size;
  producer.head = head;
  // Pairs with the load in ptrRingConsume.
  store32(slot(ring, first), load<u32>(items));
  producer.pending = 0;
}

/**
 * Who had the producer lock before died: slots that it filled but did not publish are free again. A worker only ends at
 * the head of a loop or of a function, so it has either published nothing or everything.
 */
function repair(ring: PtrRing): void {
  const producer = ring.producer;
  for (let i: u32 = 1; i < producer.pending; i++) {
    let index = producer.head + i;
    if (index >= ring.size) index -= ring.size;
    storeRelaxed32(slot(ring, index), 0);
  }
  producer.pending = 0;
}

/** `__ptr_ring_empty`, for the consumer. */
// @ts-ignore: decorator
@inline
export function ptrRingEmpty(ring: PtrRing): bool {
  return load32(slot(ring, ring.consumer.head)) == 0;
}

/** Takes up to `n` pointers into the u32 array `into`; returns how many (`__ptr_ring_consume_batched`). */
export function ptrRingConsume(ring: PtrRing, into: usize, n: u32): u32 {
  const consumer = ring.consumer;
  let taken: u32 = 0;
  while (taken < n) {
    // Pairs with the stores in ptrRingProduce.
    const pointer = load32(slot(ring, consumer.head));
    if (pointer == 0) break;
    store<u32>(into + (<usize>taken << 2), pointer);
    taken++;
    discardOne(ring, consumer);
  }
  return taken;
}

/**
 * `__ptr_ring_discard_one`: slots are cleared in groups, the lowest last, so that the producer, which waits for the
 * lowest, stays off the others' cache lines until all are clear.
 */
// @ts-ignore: decorator
@inline
function discardOne(ring: PtrRing, consumer: PtrRingConsumer): void {
  const head = consumer.head + 1;
  const tail = consumer.tail;
  const atEnd = head >= ring.size;
  if (head - tail >= ring.batch || atEnd) {
    for (let index = head - 1; index > tail; index--) storeRelaxed32(slot(ring, index), 0);
    // Pairs with the load in ptrRingFree.
    store32(slot(ring, tail), 0);
    consumer.tail = atEnd ? 0 : head;
  }
  consumer.head = atEnd ? 0 : head;
}
