import type { DataPlane } from '../../arena/dataplane.js';
import type { BpfFunction } from '../../bpf/jit/instantiate.js';
import { CALL, immOf, insnCount, isLdImm64, opcodeOf, srcOf } from '../../bpf/spec/insn.js';
import { lineAt, type ProgramSpec, type Unsupported } from '../../bpf/spec/objectSpec.js';
import { helperNames } from '../helperNames.js';
import { helperName, helperTable } from '../helperTable.js';

/** The helpers of a thread by their id: exports of its data plane, so that a call stays within WebAssembly. */
export function helperFunctions(dp: DataPlane): Readonly<Record<number, BpfFunction>> {
  const functions: Record<number, BpfFunction> = {};
  for (const { id, exportName } of helperTable.values())
    if (exportName !== undefined) functions[id] = dp[exportName];
  return functions;
}

export function hasHelper(id: number): boolean {
  return helperTable.get(id)?.exportName !== undefined;
}

/** Why an XDP program cannot call the helper `id`; undefined if it can. */
export function helperObstacle(id: number): string | undefined {
  if (hasHelper(id)) return undefined;
  const helper = helperTable.get(id);
  const name = helperName(id);
  if (name === undefined) return `helper ${id} does not exist`;
  return helper === undefined
    ? `helper ${name} is not one for XDP programs`
    : `helper ${name} is not emulated`;
}

const PRINT_HELPERS = [helperNames.indexOf('trace_printk'), helperNames.indexOf('trace_vprintk')];

/** Whether a program calls `bpf_trace_printk` or `bpf_trace_vprintk` anywhere. */
export function prints({ instructions }: ProgramSpec): boolean {
  return helperCalls(instructions).some((insnIndex) =>
    PRINT_HELPERS.includes(immOf(instructions, insnIndex)),
  );
}

/** The calls of a program that the emulator has no helper for, each with its place. */
export function unsupportedCalls(program: ProgramSpec): Unsupported[] {
  const { instructions, section, lines } = program;
  return helperCalls(instructions).flatMap((insnIndex) => {
    const reason = helperObstacle(immOf(instructions, insnIndex));
    if (reason === undefined) return [];
    const line = lineAt(lines, insnIndex);
    return [{ reason, section, insnIndex, ...(line !== undefined && { line }) }];
  });
}

/** Slots of the instructions that call a helper. */
function helperCalls(instructions: Uint8Array): number[] {
  const found: number[] = [];
  for (let insnIndex = 0; insnIndex < insnCount(instructions); insnIndex++) {
    if (opcodeOf(instructions, insnIndex) === CALL && srcOf(instructions, insnIndex) === 0)
      found.push(insnIndex);
    if (isLdImm64(instructions, insnIndex)) insnIndex++;
  }
  return found;
}
