import { current, setSpent } from "../context/current";
import { BpfProg } from "../layout";
import { pointerLookup } from "../map/pointers";
import { MapType } from "../uapi";
import { MapAccess, asResult, contextArgument, mapArgument } from "./arguments";

/** MAX_TAIL_CALL_CNT. */
const TAIL_CALLS_MAX: u32 = 33;

/**
 * `bpf_tail_call(ctx, map, index)`: the verdict of the program that the run goes on in; negative where there is none
 * under that index, or too many calls came before, and the run goes on where it was. `spent`: instructions that the run took
 * so far, which compiled programs put in r5.
 */
export function helperTailCall(ctx: u64, map: u64, index: u64, _r4: u64, spent: u64): u64 {
  const xdp = contextArgument(ctx);
  if (xdp == null) return 0;
  const found = mapArgument(2, map, 1 << MapType.PROG_ARRAY, MapAccess.READ);
  if (found == null) return 0;
  const running = current();
  if (running.tailCalls >= TAIL_CALLS_MAX) return asResult(-1);
  const address = pointerLookup(found, <u32>index);
  if (address == 0) return asResult(-1);
  running.tailCalls++;
  setSpent(<u32>spent);
  const prog = changetype<BpfProg>(address);
  running.program = prog;
  return call_indirect<u32>(prog.tableIndex, changetype<usize>(xdp));
}
