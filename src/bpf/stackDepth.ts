import { BpfProgramError } from './isa/error.js';
import type { BpfProgram, Subprogram } from './isa/program.js';
import { analyzeControlFlow } from './jit/cfg.js';
import {
  accessedRegister,
  blockKnowledge,
  entryKnowledge,
  type Knowledge,
  learn,
} from './jit/knowledge.js';
import { FRAME_BYTES, MAX_CALL_FRAMES, TAIL_CALL_HELPER } from './limits.js';

/** Above this a function that makes tail calls may not be called (kernel/bpf/verifier.c:check_max_stack_depth_subprog). */
const TAIL_CALLER_BYTES = 256;

/** What one function asks of the stack, without those that it calls. */
interface FunctionStack {
  readonly bytes: number;
  readonly hasTailCall: boolean;
  /** Positions of calls, and of callbacks, which count as calls; with the function's index. */
  readonly calls: readonly { readonly position: number; readonly callee: number }[];
}

/** Each frame's bytes are rounded up to a multiple, since 6.8 to this one. */
const FRAME_ALIGNMENT = 16;

/**
 * `check_max_stack_depth`: all frames of a chain of calls together may have 512 bytes, and there may be 8 of them. Of a
 * frame counts what instructions reach at constant offsets.
 *
 * @throws {BpfProgramError} in the kernel's words
 */
export function checkStackDepth(program: BpfProgram): void {
  const indexes = new Map(program.subprograms.map(({ start }, index) => [start, index]));
  const stacks = program.subprograms.map((subprogram) => stackOf(program, subprogram, indexes));
  // The deepest that each function has been entered: a call that is not deeper finds nothing new.
  const seen = stacks.map(() => ({ bytes: -1, frames: 0 }));
  const pending = [{ index: 0, callerBytes: 0, frames: 1, slot: program.insns[0]!.slot }];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const { index, callerBytes, frames, slot } = at;
    const { bytes, hasTailCall, calls } = stacks[index]!;
    if (frames > MAX_CALL_FRAMES)
      throw new BpfProgramError(slot, `the call stack of ${frames} frames is too deep`);
    if (index > 0 && hasTailCall && callerBytes >= TAIL_CALLER_BYTES)
      throw new BpfProgramError(
        slot,
        `tail_calls are not allowed when call stack of previous frames is ${callerBytes} bytes. Too large`,
      );
    const total = callerBytes + bytes;
    if (total > FRAME_BYTES)
      throw new BpfProgramError(
        slot,
        `combined stack size of ${frames} calls is ${total}. Too large`,
      );
    const known = seen[index]!;
    if (total <= known.bytes && frames <= known.frames) continue;
    seen[index] = {
      bytes: Math.max(total, known.bytes),
      frames: Math.max(frames, known.frames),
    };
    for (const { position, callee } of calls)
      pending.push({
        index: callee,
        callerBytes: total,
        frames: frames + 1,
        slot: program.insns[position]!.slot,
      });
  }
}

function stackOf(
  program: BpfProgram,
  subprogram: Subprogram,
  indexes: ReadonlyMap<number, number>,
): FunctionStack {
  const { insns, targets } = program;
  const flow = analyzeControlFlow(program, subprogram);
  const before = blockKnowledge(insns, flow, entryKnowledge(false), 0);
  let depth = 0;
  for (const [block, { start, end }] of flow.blocks.entries()) {
    const known = [...before[block]!];
    for (let position = start; position < end; position++) {
      depth = Math.max(depth, depthReached(known, program, position));
      learn(known, insns[position]!, 0);
    }
  }
  const calls = [];
  let hasTailCall = false;
  for (let position = subprogram.start; position < subprogram.end; position++) {
    const { form, imm } = insns[position]!;
    const { does } = form;
    if (does.kind === 'call' && does.callee === 'helper') hasTailCall ||= imm === TAIL_CALL_HELPER;
    if (does.kind === 'loadCallback' || (does.kind === 'call' && does.callee === 'local'))
      calls.push({ position, callee: indexes.get(targets[position]!)! });
  }
  const bytes = Math.ceil(depth / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
  return { bytes, hasTailCall, calls };
}

/** How far below the frame's top an instruction reaches; what leaves the frame is a fault when it runs. */
function depthReached(known: Knowledge, { insns }: BpfProgram, position: number): number {
  const insn = insns[position]!;
  const register = accessedRegister(insn);
  const value = register === undefined ? undefined : known[register];
  if (value?.kind !== 'frame') return 0;
  const offset = value.offset + insn.off;
  return offset < -FRAME_BYTES || offset >= 0 ? 0 : -offset;
}
