import { decode, type Insn } from './decode.js';
import { BpfProgramError } from './error.js';
import { slotsOf } from './insn.js';

/** A function of a program: the instructions from `start` up to but not including `end`. */
export interface Subprogram {
  readonly start: number;
  readonly end: number;
}

/** A program whose flow has been checked. Instructions are named by position: their index in `insns`. */
export interface BpfProgram {
  readonly insns: readonly Insn[];
  /** For each position: where its jump, local call or callback leads, or -1. */
  readonly targets: readonly number[];
  /** In order of position; the first is the entry. */
  readonly subprograms: readonly Subprogram[];
  /** Positions of the subprograms whose address the program takes (LDDW of a function), in order. */
  readonly callbacks: readonly number[];
}

/**
 * Decodes a program and checks its flow as the kernel does before it looks at values: every jump lands on an
 * instruction of its own function, every call on one of the program, and no function's end is run past.
 *
 * @throws {BpfProgramError} names the instruction, what was expected and what was found
 */
export function loadProgram(bytes: Uint8Array): BpfProgram {
  const insns = decode(bytes);
  const targets = resolveTargets(insns);
  const starts = new Set([0]);
  const callbacks = new Set<number>();
  for (const [position, { form, slot }] of insns.entries()) {
    if (isFunctionReference(form.does)) {
      checkNotMain(targets[position]!, slot);
      starts.add(targets[position]!);
    }
    if (form.does.kind === 'loadCallback') callbacks.add(targets[position]!);
  }
  const subprograms = splitAt([...starts].sort(ascending), insns.length);
  for (const subprogram of subprograms) checkSubprogram(insns, targets, subprogram);
  return { insns, targets, subprograms, callbacks: [...callbacks].sort(ascending) };
}

function resolveTargets(insns: readonly Insn[]): number[] {
  const positionOfSlot = new Map(insns.map(({ slot }, position) => [slot, position]));
  return insns.map((insn) => {
    const { distance } = insn.form;
    if (distance === undefined) return -1;
    const slot = insn.slot + 1 + insn[distance];
    const position = positionOfSlot.get(slot);
    if (position === undefined)
      throw new BpfProgramError(
        insn.slot,
        positionOfSlot.has(slot - 1) && slot < endSlot(insns)
          ? `jump to ${slot} is into the middle of the ldimm64 insn ${slot - 1}`
          : `jump out of range from insn ${insn.slot} to ${slot}: expected 0..${endSlot(insns) - 1}`,
      );
    return position;
  });
}

/** The verifier refuses all recursion (check_max_stack_depth); into the entry it would also return a verdict to nobody. */
function checkNotMain(target: number, slot: number): void {
  if (target === 0)
    throw new BpfProgramError(slot, 'calls the main program: expected another function');
}

function endSlot(insns: readonly Insn[]): number {
  const last = insns.at(-1)!;
  return last.slot + slotsOf(last.form);
}

function splitAt(starts: readonly number[], length: number): Subprogram[] {
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? length }));
}

/** kernel/bpf/verifier.c:check_subprogs. */
function checkSubprogram(
  insns: readonly Insn[],
  targets: readonly number[],
  { start, end }: Subprogram,
): void {
  for (let position = start; position < end; position++) {
    const { form, slot } = insns[position]!;
    const target = targets[position]!;
    if (target === -1 || isFunctionReference(form.does)) continue;
    if (target < start || target >= end)
      throw new BpfProgramError(
        slot,
        `jump out of range from insn ${slot} to ${insns[target]!.slot}: ` +
          `expected its function, insns ${insns[start]!.slot}..${insns[end - 1]!.slot}`,
      );
  }
  const last = insns[end - 1]!;
  const { kind } = last.form.does;
  if (kind !== 'exit' && kind !== 'jump')
    throw new BpfProgramError(
      last.slot,
      'last insn is not an exit or jmp: it falls through the end of its function',
    );
}

function isFunctionReference(does: Insn['form']['does']): boolean {
  return does.kind === 'loadCallback' || (does.kind === 'call' && does.callee === 'local');
}

function ascending(a: number, b: number): number {
  return a - b;
}
