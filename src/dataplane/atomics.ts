/**
 * The seam: every access to memory that another context may touch at the same time goes through here.
 *
 * In the production build these are plain WebAssembly instructions. In the explored build (`--use EXPLORE=1`) each one
 * first asks the schedule, which may let another context run. WebAssembly atomics are sequentially consistent, so a
 * schedule of whole accesses shows every behaviour that there is; nothing here claims weak-memory results.
 */

/** What a schedule point is about to do. */
export const enum Access {
  LOAD = 0,
  STORE = 1,
  RMW = 2,
  /** Nothing was shared: the context found a lock taken and tries again. A schedule must let another run. */
  SPIN = 3,
}

// @ts-ignore: decorator
@external("schedule", "point")
declare function schedulePoint(access: Access, address: usize): void;

// @ts-ignore: decorator
@inline
function point(access: Access, address: usize): void {
  if (isDefined(EXPLORE)) schedulePoint(access, address);
}

/** Acquire. Pairs with every `store32`, `xchg32` and `cmpxchg32` to the same word. */
// @ts-ignore: decorator
@inline
export function load32(address: usize): u32 {
  point(Access.LOAD, address);
  return atomic.load<u32>(address);
}

/** Release. Pairs with `load32` of the same word. */
// @ts-ignore: decorator
@inline
export function store32(address: usize, value: u32): void {
  point(Access.STORE, address);
  atomic.store<u32>(address, value);
}

/**
 * A store that orders nothing, for words that a later `store32` publishes (the upper slots of a bulk, the lower ones of
 * a slot group that is cleared). Aligned 32-bit accesses never tear.
 */
// @ts-ignore: decorator
@inline
export function storeRelaxed32(address: usize, value: u32): void {
  point(Access.STORE, address);
  store<u32>(address, value);
}

// @ts-ignore: decorator
@inline
export function xchg32(address: usize, value: u32): u32 {
  point(Access.RMW, address);
  return atomic.xchg<u32>(address, value);
}

// @ts-ignore: decorator
@inline
export function cmpxchg32(address: usize, expected: u32, replacement: u32): u32 {
  point(Access.RMW, address);
  return atomic.cmpxchg<u32>(address, expected, replacement);
}

// @ts-ignore: decorator
@inline
export function add32(address: usize, value: u32): u32 {
  point(Access.RMW, address);
  return atomic.add<u32>(address, value);
}

// @ts-ignore: decorator
@inline
export function or32(address: usize, bits: u32): u32 {
  point(Access.RMW, address);
  return atomic.or<u32>(address, bits);
}

/** Tells the schedule that the context can do nothing until another has done something; it looks again after this. */
// @ts-ignore: decorator
@inline
export function spin(address: usize): void {
  point(Access.SPIN, address);
}

/** Wakes at most one sleeper on `address` (pairs with `Atomics.wait` in `workers/` and with `lock`). */
// @ts-ignore: decorator
@inline
export function notify(address: usize): void {
  atomic.notify(address, 1);
}

/** How often a lock is tried before its holder is waited for: on few cores the holder may not be running. */
const LOCK_SPINS = 100;
const LOCK_WAITERS: u32 = 0x80000000;
/** A wait may miss its wake-up (a holder that died): it looks again after this long. */
const LOCK_WAIT_NS: i64 = 1_000_000;

/**
 * Takes the lock word at `address` for `holder` (a context's id + 1, so that a dead worker's locks can be found and
 * broken). The word is 0 when free, else the holder, with the top bit set where somebody may be waiting.
 */
export function lock(address: usize, holder: u32): void {
  if (cmpxchg32(address, 0, holder) == 0) return;
  lockSlow(address, holder);
}

function lockSlow(address: usize, holder: u32): void {
  for (let spins = 0; ; spins++) {
    if (isDefined(EXPLORE)) {
      schedulePoint(Access.SPIN, address);
      if (cmpxchg32(address, 0, holder) == 0) return;
      continue;
    }
    const seen = atomic.load<u32>(address);
    if (seen == 0) {
      // Whoever had to wait takes the lock as contended: others may still be asleep on it.
      const taken = spins < LOCK_SPINS ? holder : holder | LOCK_WAITERS;
      if (atomic.cmpxchg<u32>(address, 0, taken) == 0) return;
      continue;
    }
    if (spins < LOCK_SPINS) continue;
    const contended = seen | LOCK_WAITERS;
    if (seen == contended || atomic.cmpxchg<u32>(address, seen, contended) == seen) {
      atomic.wait<i32>(address, <i32>contended, LOCK_WAIT_NS);
    }
  }
}

/** Gives back what `lock` took. */
// @ts-ignore: decorator
@inline
export function unlock(address: usize): void {
  if (xchg32(address, 0) & LOCK_WAITERS) notify(address);
}
