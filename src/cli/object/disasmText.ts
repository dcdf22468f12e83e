import { type DisassemblerNames, formatInsn } from '../../bpf/disasm.js';
import { decode, type Insn } from '../../bpf/isa/decode.js';
import { BpfProgramError } from '../../bpf/isa/error.js';
import { loadProgram } from '../../bpf/isa/program.js';
import { compile } from '../../bpf/jit/compile.js';
import type { ObjectSpec, ProgramLine, ProgramSpec } from '../../bpf/spec/objectSpec.js';
import type { Relocation } from '../../bpf/spec/relocation.js';
import { helperName } from '../../program/helperTable.js';
import { ProgramLoadError } from '../../program/loadError.js';
import { moduleText } from '../../wasm/moduleText.js';

/**
 * A program in the kernel's syntax (`bpftool prog dump xlated linum`): its functions, instructions numbered by slot, and
 * between them the source lines that they were compiled from. Maps and subprograms go by name.
 */
export function disasmText(object: ObjectSpec, program: ProgramSpec): string {
  const names = namesOf(program);
  const functions = new Map(program.functions.map(({ insnIndex, name }) => [insnIndex, name]));
  const sources = new Map(program.lines.map((line) => [line.insnIndex, line]));
  const lines = [`${object.name}: section ${program.section}`];
  let shown = '';
  for (const insn of decoded(object, program)) {
    const { slot } = insn;
    const name = functions.get(slot);
    if (name !== undefined) lines.push(`${name}:`);
    const source = sources.get(slot);
    const comment = source === undefined ? shown : sourceComment(source);
    if (comment !== shown) lines.push(comment);
    shown = comment;
    lines.push(`${String(slot).padStart(4)}: ${formatInsn(insn, names)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** As the verifier's log has it since 6.9; the text is empty where the compiler had no source. */
function sourceComment({ text, file, line }: ProgramLine): string {
  return `; ${`${text.trim()} @`.trimStart()} ${file}:${line}`;
}

/** What maps are called instead of an address that they do not have yet: `map[counts]`, `map[.bss][0]+8`. */
function namesOf({ relocations }: ProgramSpec): DisassemblerNames {
  const at = new Map(relocations.map((relocation) => [relocation.insnIndex, relocation]));
  return {
    helper: helperName,
    kfunc: ({ slot }) => nameOf(at.get(slot)),
    address: ({ slot }) => nameOf(at.get(slot)),
  };
}

function nameOf(relocation: Relocation | undefined): string | undefined {
  switch (relocation?.kind) {
    case 'map':
      return `map[${relocation.map}]`;
    case 'mapValue':
      return `map[${relocation.map}][0]+${relocation.offset}`;
    case 'kfunc':
    case 'ksym':
      return relocation.name;
    default:
      return undefined;
  }
}

/** What the compiler makes of it, for an arena as machines have it; map addresses are zero. */
export function wasmText(object: ObjectSpec, program: ProgramSpec): string {
  return wrapped(object, program, () => {
    const { bytes } = compile(loadProgram(program.instructions), {
      bounds: { kind: 'window', low: 2 ** 30, high: 2 ** 31 - 2 ** 18, gaps: true },
      memory: { initialPages: 2 ** 15 - 1, maximumPages: 2 ** 15 - 1, shared: true },
      entry: 'xdp',
      contextBytes: 24,
    });
    return `${moduleText(bytes)}\n`;
  });
}

function decoded(object: ObjectSpec, program: ProgramSpec): readonly Insn[] {
  return wrapped(object, program, () => decode(program.instructions));
}

function wrapped<T>(object: ObjectSpec, program: ProgramSpec, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BpfProgramError)) throw error;
    throw new ProgramLoadError(`${object.name}: program ${program.name}: ${error.message}`, {
      cause: error,
    });
  }
}
