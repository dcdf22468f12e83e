import { Context, ProgramCpu } from "../layout";

/** What this thread's compiled programs read without a call; null in a thread that has none. */
let programCpu: ProgramCpu | null = null;

export function setProgramCpu(cpu: ProgramCpu): void {
  programCpu = cpu;
}

/** The run in hand goes on in another program: what it has taken of its budget goes with it. */
export function setSpent(insns: u32): void {
  const view = programCpu;
  if (view != null) view.spent = insns;
}

/** The context whose step is running on this instance: an instance runs one step at a time. */
let running: Context = changetype<Context>(0);

// @ts-ignore: decorator
@inline
export function current(): Context {
  return running;
}

// @ts-ignore: decorator
@inline
export function setCurrent(ctx: Context): void {
  running = ctx;
  const view = programCpu;
  const cpu = ctx.cpu;
  if (view != null && cpu != null) {
    view.id = cpu.id;
    view.redirectInfo = cpu.ri;
  }
}
