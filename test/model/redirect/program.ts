import type { Action, EntryProgram, HelperCall, Returns } from '../redirectTrace.js';
import type { Context } from './context.js';
import { bpfRedirect, bpfRedirectMap } from './redirectInfo.js';

export interface Run {
  readonly returns: Returns;
  readonly act: number;
}

function callHelper(context: Context, call: HelperCall): number {
  if ('ifindex' in call) return bpfRedirect(context.redirect, call.ifindex, call.flags);
  const map = context.machine.maps.get(call.map);
  if (!map) throw new RangeError(`map ${call.map}: not in the document`);
  return bpfRedirectMap(context.redirect, map, call.key, call.flags);
}

function callsOf(action: Action): readonly HelperCall[] {
  if ('calls' in action) return action.calls;
  return 'map' in action || 'ifindex' in action ? [action] : [];
}

/** Runs a program on one frame: its helper calls, and the action it returns. */
export function runProgram(context: Context, action: Action): Run {
  const results = callsOf(action).map((call) => callHelper(context, call));
  const last = results.at(-1) ?? null;
  const ret = 'ret' in action ? action.ret : undefined;
  const act = ret ?? last;
  if (act === null) throw new RangeError(`step ${JSON.stringify(action)}: neither call nor ret`);
  return { returns: results.length > 1 ? results : last, act };
}

/** Runs a map entry's program on a frame, and records that it did. `egress` is the target of a devmap program. */
export function runEntryProgram(
  context: Context,
  program: EntryProgram,
  seq: number,
  egress: string | 0,
): number {
  const { returns, act } = runProgram(context, program.steps[seq] ?? program.default);
  context.trace({
    ev: 'prog',
    prog: program.id,
    seq,
    ...(returns !== null && { return: returns }),
    act,
    ingressIfindex: context.ingressDevice,
    egressIfindex: egress,
    rxQueue: 0,
  });
  return act;
}
