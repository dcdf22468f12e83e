import { type DisassemblerNames, formatInsn } from '../../bpf/disasm.js';
import { describeAlike, describeFault, type Fault } from '../../bpf/fault.js';
import { decode } from '../../bpf/isa/decode.js';
import { lineAt, type Unsupported } from '../../bpf/spec/objectSpec.js';
import { explainRefusal } from '../helperFault.js';
import { helperName } from '../helperTable.js';
import type { ProgramFault } from '../host.js';
import type { CompiledProgram } from './compileProgram.js';
import { kfuncName } from './kfuncs.js';

const names: DisassemblerNames = { helper: helperName, kfunc: ({ imm }) => kfuncName(imm) };

/** A fault in words: the instruction as the kernel's log shows it, and the source line that it was compiled from. */
export function explainFault(
  program: string,
  { code, lines, poisoned }: Pick<CompiledProgram, 'code' | 'lines' | 'poisoned'>,
  fault: Fault,
): ProgramFault {
  const insn = decode(code).find(({ slot }) => slot === fault.slot);
  const line = lineAt(lines, fault.slot);
  const text = insn === undefined ? '' : `: ${formatInsn(insn, names)}`;
  const say = (reason: string) => `insn ${fault.slot}: ${reason}${text}`;
  const alike = alikeOf(fault);
  return {
    program,
    message: say(reasonOf(fault, poisoned)),
    ...(alike !== undefined && { alike: say(alike) }),
    count: 1,
    at: line && `at ${line.file}:${line.line}: ${line.text.trim()}`,
  };
}

function reasonOf(fault: Fault, poisoned: readonly Unsupported[]): string {
  const poison = poisoned.find(({ insnIndex }) => insnIndex === fault.slot);
  if (poison !== undefined) return poison.reason;
  return fault.reason === 'helper' ? explainRefusal(fault.detail) : describeFault(fault);
}

function alikeOf(fault: Fault): string | undefined {
  return fault.reason === 'helper'
    ? explainRefusal(fault.detail, 'several values')
    : describeAlike(fault);
}
