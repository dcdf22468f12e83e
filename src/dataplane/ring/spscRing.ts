import { load32, store32 } from "../atomics";
import { LINE, SpscRing } from "../layout";
import { indexOf, ownIndex } from "./side";

/**
 * Single producer, single consumer: u32 values in a power-of-two ring. Indices run freely; each side keeps the other's
 * last seen index and reads it anew only when that one says full or empty.
 */

export function spscRingBytes(size: u32): u32 {
  return <u32>(LINE * 3) + size * 4;
}

/** Makes zeroed memory an empty ring; `size` is a power of two. */
export function spscRingInit(ring: SpscRing, size: u32): void {
  ring.size = size;
  ring.queue = changetype<usize>(ring) + LINE * 3;
}

// @ts-ignore: decorator
@inline
function slot(ring: SpscRing, index: u32): usize {
  return ring.queue + (<usize>(index & (ring.size - 1)) << 2);
}

/** Puts up to `n` values from the u32 array `items`; returns how many fitted. */
export function spscRingProduce(ring: SpscRing, items: usize, n: u32): u32 {
  const producer = ring.producer;
  const head = ownIndex(producer);
  let free = ring.size - (head - producer.cached);
  if (free < n) {
    // Pairs with the store in spscRingConsume: the slots below are read.
    producer.cached = load32(indexOf(ring.consumer));
    free = ring.size - (head - producer.cached);
    if (free < n) n = free;
  }
  for (let i: u32 = 0; i < n; i++) store<u32>(slot(ring, head + i), load<u32>(items + (<usize>i << 2)));
  // Pairs with the load in spscRingConsume.
  if (n != 0) store32(indexOf(producer), head + n);
  return n;
}

/** Takes up to `n` values into the u32 array `into`; returns how many. */
export function spscRingConsume(ring: SpscRing, into: usize, n: u32): u32 {
  const consumer = ring.consumer;
  const tail = ownIndex(consumer);
  let available = consumer.cached - tail;
  if (available < n) {
    // Pairs with the store in spscRingProduce.
    consumer.cached = load32(indexOf(ring.producer));
    available = consumer.cached - tail;
    if (available < n) n = available;
  }
  for (let i: u32 = 0; i < n; i++) store<u32>(into + (<usize>i << 2), load<u32>(slot(ring, tail + i)));
  // Pairs with the load in spscRingProduce.
  if (n != 0) store32(indexOf(consumer), tail + n);
  return n;
}
