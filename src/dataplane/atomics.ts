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
  /** Nothing is shared: the context found a lock taken and tries again. A schedule must let another run. */
  SPIN = 3,
  /** Nothing is shared: a sleeper on the address, if there is one, may go on. */
  NOTIFY = 4,
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

/** A load that orders nothing, for words whose reader finds out by later ones whether it may use them. */
// @ts-ignore: decorator
@inline
export function loadRelaxed32(address: usize): u32 {
  point(Access.LOAD, address);
  return load<u32>(address);
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

/** Sleeps for `ns` while the word is `value`, or for less. For words that nobody notifies. */
export function doze32(address: usize, value: u32, ns: i64): void {
  if (isDefined(EXPLORE)) point(Access.SPIN, address);
  else atomic.wait<i32>(address, <i32>value, ns);
}

/** What is copied or compared in one piece where others may write it meanwhile (`bpf_long_memcpy`). */
const LONG_BYTES: u32 = 8;

/** Copies `bytes` private bytes to where others may read and write meanwhile: no more than 8 of them are seen at once. */
export function copyToShared(to: usize, from: usize, bytes: u32): void {
  if (!isDefined(EXPLORE)) {
    memory.copy(to, from, bytes);
    return;
  }
  for (let done: u32 = 0; done < bytes; done += LONG_BYTES) {
    point(Access.STORE, to + done);
    memory.copy(to + done, from + done, min(LONG_BYTES, bytes - done));
  }
}

/** Whether `bytes` bytes that others may write meanwhile are the same as private ones. */
// @ts-ignore: decorator
@inline
export function equalsShared(shared: usize, own: usize, bytes: u32): bool {
  if (!isDefined(EXPLORE)) return memory.compare(shared, own, bytes) == 0;
  return equalsSharedSlow(shared, own, bytes);
}

function equalsSharedSlow(shared: usize, own: usize, bytes: u32): bool {
  for (let done: u32 = 0; done < bytes; done += LONG_BYTES) {
    point(Access.LOAD, shared + done);
    if (memory.compare(shared + done, own + done, min(LONG_BYTES, bytes - done)) != 0) return false;
  }
  return true;
}

/** Wakes at most one sleeper on `address` (pairs with `Atomics.wait` in `workers/` and with `lock`). */
// @ts-ignore: decorator
@inline
export function notify(address: usize): void {
  point(Access.NOTIFY, address);
  atomic.notify(address, 1);
}

/**
 * The host's `Atomics.wait`, for at most `timeoutMs`. Not `memory.atomic.wait32`: across it the baseline compiler of
 * Node.js 20 (V8 11.3) loses locals, and the lock was then taken at address 0.
 */
// @ts-ignore: decorator
@external("env", "wait")
declare function hostWait(address: usize, value: u32, timeoutMs: f64): void;

/** How often a lock is tried before its holder is waited for: on few cores the holder may not be running. */
const LOCK_SPINS = 100;
const LOCK_WAITERS: u32 = 0x80000000;
/** A wait may miss its wake-up (a holder that died): it looks again after this long. */
const LOCK_WAIT_MS: f64 = 1;
/** Control's context is the first. */
const CONTROL_HOLDER: u32 = 1;
/**
 * Control alone buries the dead, so it must not wait for one that it does not know of yet: after this many waits for the
 * same holder it takes the lock. Its locks are held for some accesses to memory, never while a program runs.
 */
const CONTROL_WAITS_MAX: u32 = 1000;

/**
 * Takes the lock word at `address` for `holder` (a context's id + 1, so that a dead worker's locks can be found and
 * broken). The word is 0 when free, else the holder, with the top bit set where somebody may be waiting.
 */
export function lock(address: usize, holder: u32): void {
  if (cmpxchg32(address, 0, holder) == 0) return;
  lockSlow(address, holder);
}

function lockSlow(address: usize, holder: u32): void {
  let waits: u32 = 0;
  let waitedFor: u32 = 0;
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
      hostWait(address, contended, LOCK_WAIT_MS);
      waits = contended == waitedFor ? waits + 1 : 0;
      waitedFor = contended;
      if (holder != CONTROL_HOLDER || waits < CONTROL_WAITS_MAX) continue;
      if (atomic.cmpxchg<u32>(address, contended, holder | LOCK_WAITERS) == contended) return;
    }
  }
}

/** Gives back what `lock` took. */
// @ts-ignore: decorator
@inline
export function unlock(address: usize): void {
  if (xchg32(address, 0) & LOCK_WAITERS) notify(address);
}
