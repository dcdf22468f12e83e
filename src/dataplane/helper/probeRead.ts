import { Errno } from "../uapi";
import { asResult, readableBytes, writableArgument } from "./arguments";
import { affordCopy } from "./work";

/**
 * Reads of memory that may not be there (kernel/trace/bpf_trace.c). DIVERGES: of the kernel's memory there is what belongs to
 * programs, of user space's nothing: all else is -EFAULT.
 */

/** `bpf_probe_read_kernel(dst, size, unsafe_ptr)`. */
export function helperProbeReadKernel(into: u64, size: u64, from: u64, _r4: u64, _r5: u64): u64 {
  const bytes = <u32>size;
  if (!writableArgument(1, into, bytes) || !affordCopy(bytes)) return 0;
  if (bytes > readableBytes(from)) return fail(into, bytes);
  memory.copy(<usize>into, <usize>from, bytes);
  return 0;
}

/** `bpf_probe_read_kernel_str(dst, size, unsafe_ptr)`: bytes copied, the NUL that always ends them included. */
export function helperProbeReadKernelStr(into: u64, size: u64, from: u64, _r4: u64, _r5: u64): u64 {
  const bytes = <u32>size;
  if (!writableArgument(1, into, bytes) || !affordCopy(<u64>bytes << 3)) return 0;
  if (bytes == 0) return 0;
  const readable = readableBytes(from);
  for (let i: u32 = 0; i < bytes; i++) {
    if (i >= readable) return fail(into, bytes);
    const char = load<u8>(<usize>from + i);
    store<u8>(<usize>into + i, char);
    if (char == 0) return i + 1;
  }
  store<u8>(<usize>into + bytes - 1, 0);
  return bytes;
}

/** `bpf_probe_read_user(dst, size, unsafe_ptr)` and `bpf_probe_read_user_str`. */
export function helperProbeReadUser(into: u64, size: u64, _from: u64, _r4: u64, _r5: u64): u64 {
  if (!writableArgument(1, into, <u32>size) || !affordCopy(<u32>size)) return 0;
  return fail(into, <u32>size);
}

function fail(into: u64, bytes: u32): u64 {
  memory.fill(<usize>into, 0, bytes);
  return asResult(-Errno.EFAULT);
}
