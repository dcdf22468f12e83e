import { contextArgument, memoryArgument } from "./arguments";
import { Refusal, refuseArgument } from "./refuse";

/**
 * Socket lookups (net/core/filter.c). DIVERGES: the machine's stack has no sockets, so that none is ever found, and whatever
 * a program passes for one is not.
 */

/** `bpf_sk_lookup_tcp(ctx, tuple, tuple_size, netns, flags)`, and the like for UDP and `bpf_skc_lookup_tcp`. */
export function helperSkLookup(ctx: u64, tuple: u64, tupleBytes: u64, _netns: u64, _flags: u64): u64 {
  if (contextArgument(ctx) != null) memoryArgument(2, tuple, <u32>tupleBytes);
  return 0;
}

/** `bpf_sk_release(sk)`, `bpf_tcp_check_syncookie(sk, ...)`, `bpf_skc_to_tcp_sock(sk)` and others that take a socket. */
export function helperOfSocket(sk: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return refuseArgument(Refusal.NOT_SOCKET, 1, sk);
}
