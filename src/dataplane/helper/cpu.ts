import { current } from "../context/current";

/** Helpers about the CPU that the program runs on. */

/** `bpf_get_smp_processor_id()`. */
export function helperGetSmpProcessorId(_r1: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return current().cpu!.id;
}

/** `bpf_get_numa_node_id()`: the machine is one node. */
export function helperGetNumaNodeId(_r1: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return 0;
}

/** `bpf_get_prandom_u32()`: xorshift64*, a sequence of its own in each context, the same for the same seed. */
export function helperGetPrandomU32(_r1: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const ctx = current();
  let state = ctx.random;
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  ctx.random = state;
  return (state * 0x2545f4914f6cdd1d) >> 32;
}
