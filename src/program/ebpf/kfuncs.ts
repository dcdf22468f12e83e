import type { DataPlane } from '../../arena/dataplane.js';
import type { BpfFunction } from '../../bpf/jit/instantiate.js';
import { lineAt, type ProgramSpec, type Unsupported } from '../../bpf/spec/objectSpec.js';
import { kfuncTable } from '../kfuncTable.js';

const kfuncs = [...kfuncTable.values()];

/** What a call of the kfunc holds (in the kernel: a BTF id), never 0; undefined for one that there is not. */
export function kfuncNumber(name: string): bigint | undefined {
  const index = kfuncs.findIndex((kfunc) => kfunc.name === name);
  return index === -1 ? undefined : BigInt(index + 1);
}

/** The kfunc that a linked call means. */
export function kfuncName(number: number): string | undefined {
  return kfuncs[number - 1]?.name;
}

/** Symbols of the kernel that a program cannot do without and that are not emulated, each with its place. */
export function unknownSymbols({ relocations, section, lines }: ProgramSpec): Unsupported[] {
  return relocations.flatMap((relocation) => {
    if (relocation.kind !== 'kfunc' && relocation.kind !== 'ksym') return [];
    const { kind, name, weak, insnIndex } = relocation;
    if (weak || kfuncTable.has(name)) return [];
    const line = lineAt(lines, insnIndex);
    const reason = `${kind} '${name}' is not available`;
    return [{ reason, section, insnIndex, ...(line !== undefined && { line }) }];
  });
}

/** The kfuncs of a thread by their number. */
export function kfuncFunctions(dp: DataPlane): Readonly<Record<number, BpfFunction>> {
  return Object.fromEntries(kfuncs.map(({ exportName }, index) => [index + 1, dp[exportName]]));
}
