import { cmpxchg32, doze32, load32, spin, store32 } from "../atomics";

/**
 * `bpf_spin_lock` in a map's value: a word that programs can write, so nothing may depend on its ever being given back.
 * The word is 0 when free, else the holder's context id + 1.
 */

/** How often the lock is tried before the context sleeps between tries: its holder may not be running. */
const SPINS: u32 = 1000;
/** Tries after that, and how long each waits: a holder that has not run for 200 ms is taken to be gone. */
const WAITS: u32 = 2000;
const WAIT_NS: i64 = 100_000;

/** False: it was not free for too long. */
export function spinLockTake(word: usize, holder: u32): bool {
  for (let tries: u32 = 0; tries < SPINS + WAITS; tries++) {
    if (cmpxchg32(word, 0, holder) == 0) return true;
    if (tries < SPINS) spin(word);
    else doze32(word, load32(word), WAIT_NS);
  }
  return false;
}

export function spinLockGive(word: usize): void {
  store32(word, 0);
}
