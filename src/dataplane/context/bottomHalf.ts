import { lock, store32, unlock } from "../atomics";
import { Context, Cpu } from "../layout";
import { machine } from "../machine";
import { setCurrent } from "./current";

/**
 * `local_bh_disable` .. `local_bh_enable` on the context's CPU: contexts that share a CPU never overlap inside, and what
 * a context reads of maps inside stays valid until it leaves (`src/machine/rcu.ts` waits for `seq`).
 */

// @ts-ignore: decorator
@inline
function bhLock(cpu: Cpu): usize {
  return changetype<usize>(cpu) + offsetof<Cpu>("bhLock");
}

// @ts-ignore: decorator
@inline
function seqOf(ctx: Context): usize {
  return changetype<usize>(ctx) + offsetof<Context>("seq");
}

/** Enters (odd) or leaves a section. */
// @ts-ignore: decorator
@inline
function nextSeq(ctx: Context): void {
  // Plain: what is read was written by this context.
  store32(seqOf(ctx), ctx.seq + 1);
}

export function localBhDisable(ctx: Context): void {
  setCurrent(ctx);
  lock(bhLock(ctx.cpu!), ctx.id + 1);
  nextSeq(ctx);
  bpfNetContextClear(ctx);
}

/** `bpf_net_ctx_set`: the redirect state is each poll's own. Before 6.11 it was per CPU and stayed. */
export function bpfNetContextClear(ctx: Context): void {
  if (machine().kernel < 611) return;
  const ri = ctx.cpu!.ri;
  ri.tgtValue = 0;
  ri.map = null;
  ri.tgtIndex = 0;
  ri.flags = 0;
  ri.mapId = 0;
  ri.mapType = 0;
}

export function localBhEnable(ctx: Context): void {
  nextSeq(ctx);
  unlock(bhLock(ctx.cpu!));
}
