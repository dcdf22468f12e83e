import { machine } from "../machine";
import { Errno } from "../uapi";
import { asResult, memoryArgument } from "./arguments";
import { afford } from "./work";

/** MAX_BPF_STACK, what `bpf_csum_diff` takes before 6.13. */
const SCRATCH_BYTES: u32 = 512;

/**
 * `bpf_csum_diff(from, from_size, to, to_size, seed)`: the ones' complement sum of `to` and the complement of `from`.
 * Kernels before 6.13 return all 32 bits of it, later ones fold it to 16.
 */
export function helperCsumDiff(from: u64, fromSize: u64, to: u64, toSize: u64, seed: u64): u64 {
  const fromBytes = <u32>fromSize;
  const toBytes = <u32>toSize;
  if (!memoryArgument(1, from, fromBytes) || !memoryArgument(3, to, toBytes)) return 0;
  if (((fromBytes | toBytes) & 3) != 0) return asResult(-Errno.EINVAL);
  const isOld = machine().kernel < 613;
  if (isOld && <u64>fromBytes + toBytes > SCRATCH_BYTES) return asResult(-Errno.EINVAL);
  if (!afford((<u64>fromBytes + toBytes) >> 2)) return 0;
  let sum: u64 = <u32>seed;
  for (let at: u32 = 0; at < fromBytes; at += 4) sum += load<u32>(<usize>from + at) ^ 0xffffffff;
  for (let at: u32 = 0; at < toBytes; at += 4) sum += load<u32>(<usize>to + at);
  return isOld ? fold(sum, 32) : fold(fold(sum, 32), 16);
}

/** Adds the carries back in until `sum` has `bits` bits. */
export function fold(sum: u64, bits: u64): u64 {
  const mask = (<u64>1 << bits) - 1;
  while (sum > mask) sum = (sum & mask) + (sum >> bits);
  return sum;
}
