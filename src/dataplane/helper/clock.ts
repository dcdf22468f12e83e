/** The clock helpers (kernel/bpf/helpers.c), all over the machine's one clock: nanoseconds since it was made. */

// @ts-ignore: decorator
@external("env", "nowNs")
declare function nowNs(): f64;

/** CONFIG_HZ of most distributions' servers. */
const HZ: u64 = 250;
const NS_PER_TICK: u64 = 1_000_000_000 / HZ;
/** `jiffies` starts five minutes before it wraps at 32 bits (include/linux/jiffies.h:INITIAL_JIFFIES). */
const INITIAL_JIFFIES: u64 = 0x100000000 - 300 * HZ;

// @ts-ignore: decorator
@inline
function now(): u64 {
  return <u64>nowNs();
}

/** `bpf_ktime_get_ns()`. */
export function helperKtimeGetNs(_r1: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return now();
}

/** `bpf_ktime_get_boot_ns()`: the machine is never suspended. */
export function helperKtimeGetBootNs(_r1: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return now();
}

/** `bpf_ktime_get_tai_ns()`. DIVERGES: it counts from the same moment as the others; the machine knows no wall clock. */
export function helperKtimeGetTaiNs(_r1: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return now();
}

/** `bpf_ktime_get_coarse_ns()`: as of the last tick. */
export function helperKtimeGetCoarseNs(_r1: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const ns = now();
  return ns - (ns % NS_PER_TICK);
}

/** `bpf_jiffies64()`. */
export function helperJiffies64(_r1: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return INITIAL_JIFFIES + now() / NS_PER_TICK;
}
