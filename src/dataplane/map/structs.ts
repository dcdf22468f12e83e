import { LINE } from "../layout";

/** What stands behind a `BpfMap` of one type: `BpfMap.slots` points to it. In the machine's own memory, like all structs. */

/** The elements of a hash, at `BpfMap.elems`. What changes is under the map's `freeLock`. */
@unmanaged
export class HashElems {
  /** `HashElem`[nrElems], `elemBytes` apart. */
  elems: usize;
  elemBytes: u32;
  nrElems: u32;
  /** Bytes of an element's values. */
  valueBytes: u32;
  /** Elements that were ever in use; the others are zero, and in no list. */
  nrUsed: u32;
  /** LRU_HASH and LRU_PERCPU_HASH: the element that is looked at next. */
  hand: u32;
}

/** `struct lpm_trie`. All but `root` and `sequence` under the map's lock. */
@unmanaged
export class LpmTrie {
  /** `LpmNode`, or 0. ATOMIC. */
  root: usize;
  /** Odd while a writer is at work. ATOMIC. */
  sequence: u32;
  dataBytes: u32;
  maxPrefixLen: u32;
  /** Chained by `child0`. */
  freeList: LpmNode | null;
}

/** `struct lpm_trie_node`, then `dataBytes` of key. */
@unmanaged
export class LpmNode {
  /** `LpmNode`, or 0. Of a free node `child0` is the next free one. ATOMIC. */
  child0: usize;
  /** ATOMIC. */
  child1: usize;
  prefixLen: u32;
  /** LPM_TREE_NODE_FLAG_IM: it only joins two others. */
  isIntermediate: u32;
  /** Its value, for good, among the map's `values`. */
  value: usize;
}

/** `struct bpf_queue_stack`: `size` elements, one of which is always empty. Under the map's lock. */
@unmanaged
export class QueueStack {
  head: u32;
  tail: u32;
  /** `maxEntries` + 1. */
  size: u32;
  elements: usize;
}

/** `struct bpf_bloom_filter`. */
@unmanaged
export class BloomFilter {
  nrHashFuncs: u32;
  /** Of a number of bits that is a power of two. */
  mask: u32;
  /** u32 words, each ATOMIC. */
  bits: usize;
}

/**
 * `struct bpf_ringbuf`. Positions run freely, modulo 2^32. The records' bytes are the map's `values`, twice `size` long:
 * a record that would wrap goes on behind the end, so that it is in one piece.
 */
@unmanaged
export class Ringbuf {
  /** Bytes, a power of two. Control. */
  size: u32;
  /**
   * A word for each 8 bytes of the ring, each ATOMIC: at a record's start its length and `RingbufBit`s, else 0. In the kernel
   * it is in the ring itself; here no program can reach it.
   */
  headers: usize;

  // @ts-ignore: decorator
  @inline
  get producer(): RingbufPosition {
    return changetype<RingbufPosition>(changetype<usize>(this) + LINE);
  }

  // @ts-ignore: decorator
  @inline
  get consumer(): RingbufPosition {
    return changetype<RingbufPosition>(changetype<usize>(this) + LINE * 2);
  }
}

/** At `Ringbuf` + LINE, written under the map's lock; at + 2 LINE, written by control. */
@unmanaged
export class RingbufPosition {
  /** ATOMIC. */
  position: u32;
}

/** Bits of a ring buffer record's header, as in the kernel's. */
export const enum RingbufBit {
  BUSY = 0x80000000,
  DISCARD = 0x40000000,
  LENGTH = 0x3fffffff,
}

/** An open perf event, of a PERF_EVENT_ARRAY. Control. */
@unmanaged
export class PerfEvent {
  /** It counts what happens on this CPU alone. */
  cpu: u32;
}
