import { load32, store32 } from "../atomics";
import { LINE, XdpDesc, XskQueue } from "../layout";
import { RING_NEED_WAKEUP } from "../uapi";

/**
 * The four AF_XDP rings (net/xdp/xsk_queue.h). The kernel's side (`xskqProd…`, `xskqCons…`) caches both indices; the
 * application's side (`ring…`) is what libxdp's `xsk_ring_prod__*` and `xsk_ring_cons__*` do.
 */

const DESC_BYTES: u32 = 16;
const ADDR_BYTES: u32 = 8;

function queueBytes(nentries: u32, entryBytes: u32): u32 {
  return <u32>(LINE * 5) + nentries * entryBytes;
}

/** Bytes of a FILL or COMPLETION ring; `nentries` is a power of two. */
export function xskAddrQueueBytes(nentries: u32): u32 {
  return queueBytes(nentries, ADDR_BYTES);
}

/** Bytes of an RX or TX ring; `nentries` is a power of two. */
export function xskDescQueueBytes(nentries: u32): u32 {
  return queueBytes(nentries, DESC_BYTES);
}

/** Makes zeroed memory an empty ring. */
export function xskQueueInit(queue: XskQueue, nentries: u32): void {
  queue.nentries = nentries;
  queue.desc = changetype<usize>(queue) + LINE * 5;
}

// @ts-ignore: decorator
@inline
function producerIndex(queue: XskQueue): usize {
  return changetype<usize>(queue.ring);
}

// @ts-ignore: decorator
@inline
function addrSlot(queue: XskQueue, index: u32): usize {
  return queue.desc + (<usize>(index & (queue.nentries - 1)) << 3);
}

// @ts-ignore: decorator
@inline
function descSlot(queue: XskQueue, index: u32): XdpDesc {
  return changetype<XdpDesc>(queue.desc + (<usize>(index & (queue.nentries - 1)) << 4));
}

// -- the kernel's side, as consumer (FILL, TX)

/** `__xskq_cons_release`: tells user space how far the kernel has read. */
// @ts-ignore: decorator
@inline
export function xskqConsRelease(queue: XskQueue): void {
  store32(queue.ring.consumerAddress, queue.own.cachedCons);
}

/** `xskq_cons_get_entries`: only when the known entries have run out are the indices exchanged. */
function consRefresh(queue: XskQueue): bool {
  if (queue.own.cachedCons == queue.own.cachedProd) {
    xskqConsRelease(queue);
    queue.own.cachedProd = load32(producerIndex(queue));
  }
  return queue.own.cachedCons != queue.own.cachedProd;
}

/** Whether an entry can be taken; `xskqConsAddr` or `xskqConsDesc` then reads it and `xskqConsNext` takes it. */
// @ts-ignore: decorator
@inline
export function xskqConsPeek(queue: XskQueue): bool {
  return consRefresh(queue);
}

/** `xskq_cons_nb_entries`, for one: looks, and unlike `xskqConsPeek` tells user space nothing. */
export function xskqConsHasEntry(queue: XskQueue): bool {
  if (queue.own.cachedCons == queue.own.cachedProd) queue.own.cachedProd = load32(producerIndex(queue));
  return queue.own.cachedCons != queue.own.cachedProd;
}

/** Entries that user space has offered and the kernel has not taken. */
export function xskqConsEntries(queue: XskQueue): u32 {
  return load32(producerIndex(queue)) - queue.own.cachedCons;
}

// @ts-ignore: decorator
@inline
export function xskqConsAddr(queue: XskQueue): u64 {
  return load<u64>(addrSlot(queue, queue.own.cachedCons));
}

// @ts-ignore: decorator
@inline
export function xskqConsDesc(queue: XskQueue): XdpDesc {
  return descSlot(queue, queue.own.cachedCons);
}

// @ts-ignore: decorator
@inline
export function xskqConsNext(queue: XskQueue): void {
  queue.own.cachedCons++;
}

// -- the kernel's side, as producer (RX, COMPLETION)

/** `xskq_prod_is_full`. */
export function xskqProdIsFull(queue: XskQueue): bool {
  if (queue.own.cachedProd - queue.own.cachedCons < queue.nentries) return false;
  queue.own.cachedCons = load32(queue.ring.consumerAddress);
  return queue.own.cachedProd - queue.own.cachedCons >= queue.nentries;
}

/** Entries that the kernel has written and user space has not read, whether it can see them yet or not. */
export function xskqProdDepth(queue: XskQueue): u32 {
  return queue.own.cachedProd - load32(queue.ring.consumerAddress);
}

/** `xskq_prod_reserve_desc`, where the ring is not full. */
export function xskqProdDesc(queue: XskQueue, addr: u64, len: u32): void {
  const desc = descSlot(queue, queue.own.cachedProd++);
  desc.addr = addr;
  desc.len = len;
  desc.options = 0;
}

/** `xskq_prod_reserve_addr`, where the ring is not full. */
export function xskqProdAddr(queue: XskQueue, addr: u64): void {
  store<u64>(addrSlot(queue, queue.own.cachedProd++), addr);
}

/** `xskq_prod_submit`: pairs with the application's `load32` of the producer index. */
// @ts-ignore: decorator
@inline
export function xskqProdSubmit(queue: XskQueue): void {
  store32(producerIndex(queue), queue.own.cachedProd);
}

// @ts-ignore: decorator
@inline
export function xskqSetNeedWakeup(queue: XskQueue, needed: bool): void {
  store32(queue.ring.flagsAddress, needed ? RING_NEED_WAKEUP : 0);
}

// -- the application's side

/** Entries that wait to be read on an RX or COMPLETION ring. */
export function ringAvailable(queue: XskQueue): u32 {
  return load32(producerIndex(queue)) - load32(queue.ring.consumerAddress);
}

/** The ring's consumer index. */
export function ringConsumer(queue: XskQueue): u32 {
  return load32(queue.ring.consumerAddress);
}

/** Free entries of a FILL or TX ring. */
export function ringFree(queue: XskQueue): u32 {
  return queue.nentries - ringAvailable(queue);
}

/** The `index`th waiting descriptor of an RX ring. */
export function ringPeekDesc(queue: XskQueue, index: u32): XdpDesc {
  return descSlot(queue, load32(queue.ring.consumerAddress) + index);
}

export function ringPeekAddr(queue: XskQueue, index: u32): u64 {
  return load<u64>(addrSlot(queue, load32(queue.ring.consumerAddress) + index));
}

export function ringRelease(queue: XskQueue, n: u32): void {
  store32(queue.ring.consumerAddress, load32(queue.ring.consumerAddress) + n);
}

/** Writes the `index`th free entry of a FILL ring; `ringSubmit` publishes. */
export function ringFillAddr(queue: XskQueue, index: u32, addr: u64): void {
  store<u64>(addrSlot(queue, load32(producerIndex(queue)) + index), addr);
}

export function ringFillDesc(queue: XskQueue, index: u32, addr: u64, len: u32): void {
  const desc = descSlot(queue, load32(producerIndex(queue)) + index);
  desc.addr = addr;
  desc.len = len;
  desc.options = 0;
}

export function ringSubmit(queue: XskQueue, n: u32): void {
  store32(producerIndex(queue), load32(producerIndex(queue)) + n);
}

export function ringNeedsWakeup(queue: XskQueue): bool {
  return (load32(queue.ring.flagsAddress) & RING_NEED_WAKEUP) != 0;
}
