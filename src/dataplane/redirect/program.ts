import { BpfProg, Context, XdpBuff } from "../layout";

/** `bpf_prog_run_xdp`: the program is a function of this worker's table, compiled or a trampoline into JavaScript. */
// @ts-ignore: decorator
@inline
export function bpfProgRunXdp(ctx: Context, prog: BpfProg, xdp: XdpBuff): u32 {
  ctx.program = prog;
  const action = call_indirect<u32>(prog.tableIndex, changetype<usize>(xdp));
  ctx.program = null;
  return action;
}
