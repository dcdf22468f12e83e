import { formatInsn } from '../../bpf/disasm.js';
import { type Fault, formatFault } from '../../bpf/fault.js';
import { decode } from '../../bpf/isa/decode.js';
import { lineAt } from '../../bpf/spec/objectSpec.js';
import type { ProgramFault } from '../host.js';
import type { CompiledProgram } from './compileProgram.js';

/** A fault in words: the instruction as the kernel's log shows it, and the source line it was compiled from. */
export function explainFault(
  program: string,
  { code, lines }: Pick<CompiledProgram, 'code' | 'lines'>,
  fault: Fault,
): ProgramFault {
  const insn = decode(code).find(({ slot }) => slot === fault.slot);
  const line = lineAt(lines, fault.slot);
  return {
    program,
    message: formatFault(fault) + (insn === undefined ? '' : `: ${formatInsn(insn)}`),
    at: line && `at ${line.file}:${line.line}: ${line.text.trim()}`,
  };
}
