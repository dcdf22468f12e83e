import type { Arena } from '../arena/arena.js';
import type { DataPlane } from '../arena/dataplane.js';
import { XdpBuff } from '../arena/layout.generated.js';
import { NUMBER_OFFSET } from './frameNumber.js';

/** A helper call with its symbols resolved; 64-bit arguments as the registers have them. */
export type BoundCall =
  | { readonly mapAddress: number; readonly key: bigint; readonly flags: bigint }
  | { readonly ifindex: number; readonly flags: bigint };

export interface BoundAction {
  /** At most two, as many as the record of a run has room for. */
  readonly calls: readonly BoundCall[];
  readonly ret: number | undefined;
}

/** What a program does with each frame; plain data, so that it can be posted to workers. */
export interface BoundScript {
  /** By the number that the frame carries. */
  readonly steps: ReadonlyMap<number, BoundAction>;
  /** For frames without a step. */
  readonly usual: BoundAction | undefined;
}

/** A `ProgramMaker`: the program does what the script says, and puts a record of each run among the tracepoints. */
export function scriptedProgram(
  arena: Arena,
  dp: DataPlane,
  { steps, usual }: BoundScript,
): (xdp: number) => number {
  const call = (bound: BoundCall): number =>
    'ifindex' in bound
      ? dp.bpfRedirect(bound.ifindex, bound.flags) >>> 0
      : dp.bpfRedirectMap(bound.mapAddress, bound.key, bound.flags) >>> 0;
  return (xdp) => {
    const frame = arena.u32(arena.get(xdp, XdpBuff.data) + NUMBER_OFFSET);
    const action = steps.get(frame) ?? usual;
    if (action === undefined) throw new RangeError(`frame ${frame}: not in the script`);
    const results = action.calls.map(call);
    const [first = 0, second = 0] = results;
    const act = action.ret ?? results.at(-1) ?? 0;
    dp.traceRun(xdp, frame, results.length, first, second, act);
    return act;
  };
}
