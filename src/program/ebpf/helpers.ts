import type { DataPlane } from '../../arena/dataplane.js';
import type { BpfFunction } from '../../bpf/jit/instantiate.js';
import { CALL, immOf, insnCount, isLdImm64, opcodeOf, srcOf } from '../../bpf/spec/insn.js';
import { lineAt, type ProgramSpec, type Unsupported } from '../../bpf/spec/objectSpec.js';
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

/** The calls of a program that the emulator has no helper for, each with its place. */
export function unsupportedCalls(program: ProgramSpec): Unsupported[] {
  const { instructions, section, lines } = program;
  const found: Unsupported[] = [];
  for (let insnIndex = 0; insnIndex < insnCount(instructions); insnIndex++) {
    const isHelperCall =
      opcodeOf(instructions, insnIndex) === CALL && srcOf(instructions, insnIndex) === 0;
    const reason = isHelperCall ? helperObstacle(immOf(instructions, insnIndex)) : undefined;
    const line = lineAt(lines, insnIndex);
    if (reason !== undefined)
      found.push({ reason, section, insnIndex, ...(line !== undefined && { line }) });
    if (isLdImm64(instructions, insnIndex)) insnIndex++;
  }
  return found;
}
