import { hasFault, reportFault } from "../context/fault";
import { endRun } from "../context/endRun";
import { BpfProg, Context, Recording, XdpBuff } from "../layout";
import { workBegin } from "../helper/work";
import { recording } from "../machine";
import { ProgramHook } from "../trace/kinds";
import { traceProgramEntry, traceProgramExit } from "../trace/ledger";
import { XdpAction } from "../uapi";

/** What the program in hand was given: helpers take no other context. */
let runningXdp: XdpBuff = changetype<XdpBuff>(0);

// @ts-ignore: decorator
@inline
export function currentXdp(): XdpBuff {
  return runningXdp;
}

/** `bpf_prog_run_xdp`: the program is a function of this worker's table, compiled or a trampoline into JavaScript. */
// @ts-ignore: decorator
@inline
export function bpfProgRunXdp(ctx: Context, prog: BpfProg, xdp: XdpBuff, hook: ProgramHook): u32 {
  return ctx.trace == null ? run(ctx, prog, xdp) : runRecorded(ctx, prog, xdp, hook);
}

function runRecorded(ctx: Context, prog: BpfProg, xdp: XdpBuff, hook: ProgramHook): u32 {
  if ((recording() & Recording.LEDGER) == 0) return run(ctx, prog, xdp);
  traceProgramEntry(ctx, prog, xdp, hook);
  const action = run(ctx, prog, xdp);
  traceProgramExit(ctx, xdp, hook, action);
  return action;
}

// @ts-ignore: decorator
@inline
function run(ctx: Context, prog: BpfProg, xdp: XdpBuff): u32 {
  ctx.program = prog;
  ctx.runs++;
  runningXdp = xdp;
  workBegin();
  const action = call_indirect<u32>(prog.tableIndex, changetype<usize>(xdp));
  // A program that was reached by a tail call is then the one in hand.
  if (action == XdpAction.ABORTED && hasFault()) reportFault(ctx.program!);
  ctx.program = null;
  if ((ctx.tailCalls | ctx.nrReservations | <u32>ctx.spinLock) != 0) endRun(ctx);
  return action;
}
