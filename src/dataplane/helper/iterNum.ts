import { Errno } from "../uapi";
import { asResult, writableArgument } from "./arguments";
import { LOOPS_MAX } from "./callback";

/** Open-coded loops over numbers (kernel/bpf/bpf_iter.c), what libbpf's `bpf_for` is made of; since 6.4. */

/** `struct bpf_iter_num_kern`, on the program's stack. */
@unmanaged
class IterNum {
  cur: i32;
  end: i32;
}

const ITER_BYTES: u32 = 8;

/** `bpf_iter_num_new(it, start, end)`. */
export function kfuncIterNumNew(it: u64, start: u64, end: u64, _r4: u64, _r5: u64): u64 {
  if (!writableArgument(1, it, ITER_BYTES)) return 0;
  store<u64>(<usize>it, 0);
  const from = <i32>start;
  const to = <i32>end;
  if (from > to) return asResult(-Errno.EINVAL);
  if (<i64>to - <i64>from > <i64>LOOPS_MAX) return asResult(-Errno.E2BIG);
  const iter = changetype<IterNum>(<usize>it);
  // One before the first: it is an i32 that may wrap.
  iter.cur = from - 1;
  iter.end = to;
  return 0;
}

/** `bpf_iter_num_next(it)`: address of the next number, 0 behind the last. */
export function kfuncIterNumNext(it: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  if (!writableArgument(1, it, ITER_BYTES)) return 0;
  const iter = changetype<IterNum>(<usize>it);
  const next = iter.cur + 1;
  if (next >= iter.end) {
    store<u64>(<usize>it, 0);
    return 0;
  }
  iter.cur = next;
  return it;
}

/** `bpf_iter_num_destroy(it)`. */
export function kfuncIterNumDestroy(it: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  if (writableArgument(1, it, ITER_BYTES)) store<u64>(<usize>it, 0);
  return 0;
}
