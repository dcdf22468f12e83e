import { current } from "../context/current";
import {
  ringbufAvailable, ringbufCommit, ringbufConsumerPosition, ringbufOutput, ringbufProducerPosition, ringbufReserve,
} from "../map/ringbuf";
import { Errno, MapType } from "../uapi";
import { MapAccess, MapTypes, asResult, mapArgument, memoryArgument } from "./arguments";
import { Refusal, refuseArgument } from "./refuse";
import { affordCopy } from "./work";

/** The ring buffer helpers (kernel/bpf/ringbuf.c). Control looks at the rings by itself: nobody needs to be woken. */

const RINGBUF: MapTypes = 1 << MapType.RINGBUF;
/** BPF_RB_NO_WAKEUP and BPF_RB_FORCE_WAKEUP. */
const WAKEUP_FLAGS: u64 = 3;

/** What `bpf_ringbuf_query` tells. */
const enum Query {
  AVAIL_DATA = 0,
  RING_SIZE = 1,
  CONS_POS = 2,
  PROD_POS = 3,
}

/** `bpf_ringbuf_output(map, data, size, flags)`. */
export function helperRingbufOutput(map: u64, data: u64, size: u64, flags: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, RINGBUF, MapAccess.WRITE);
  if (found == null || !memoryArgument(2, data, size)) return 0;
  if ((flags & ~WAKEUP_FLAGS) != 0) return asResult(-Errno.EINVAL);
  if (!affordCopy(size)) return 0;
  return ringbufOutput(found, <usize>data, size) ? 0 : asResult(-Errno.EAGAIN);
}

/**
 * `bpf_ringbuf_reserve(map, size, flags)`. DIVERGES: a run may have RESERVATIONS_MAX records reserved at a time, and what
 * it does not give back is discarded when it ends.
 */
export function helperRingbufReserve(map: u64, size: u64, flags: u64, _r4: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, RINGBUF, MapAccess.WRITE);
  return found == null || flags != 0 ? 0 : ringbufReserve(current(), found, size);
}

/** `bpf_ringbuf_submit(sample, flags)`. */
export function helperRingbufSubmit(sample: u64, _flags: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  if (!ringbufCommit(current(), sample, false)) refuseArgument(Refusal.NOT_RESERVED, 1, sample);
  return 0;
}

/** `bpf_ringbuf_discard(sample, flags)`. */
export function helperRingbufDiscard(sample: u64, _flags: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  if (!ringbufCommit(current(), sample, true)) refuseArgument(Refusal.NOT_RESERVED, 1, sample);
  return 0;
}

/** `bpf_ringbuf_query(map, what)`. DIVERGES: positions are modulo 2^32. */
export function helperRingbufQuery(map: u64, what: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const found = mapArgument(1, map, RINGBUF, MapAccess.READ);
  if (found == null) return 0;
  switch (<u32>what) {
    case Query.AVAIL_DATA:
      return ringbufAvailable(found);
    case Query.RING_SIZE:
      return found.maxEntries;
    case Query.CONS_POS:
      return ringbufConsumerPosition(found);
    case Query.PROD_POS:
      return ringbufProducerPosition(found);
    default:
      return 0;
  }
}
