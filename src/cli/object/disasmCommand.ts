import type { ObjectSpec, ProgramSpec } from '../../bpf/spec/objectSpec.js';
import { ObjectFiles } from '../../program/ebpf/objectFile.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit.js';
import { UsageError } from '../usageError.js';
import { disasmText, wasmText } from './disasmText.js';
import { onlyOperand } from './operand.js';

const DESCRIPTION = `
Prints the programs of an eBPF object in the kernel's syntax, with the source lines that the
instructions were compiled from.
`;

export const disasmCommand = defineCommand({
  usage: 'PROG.o [options]',
  description: DESCRIPTION,
  options: {
    prog: { value: 'NAME', text: 'this program only; all of them otherwise' },
    wat: { text: 'the WebAssembly that the compiler makes of it, as text' },
  },
  run: async ({ prog, wat }, operands, { stdout }) => {
    const object = new ObjectFiles('.').read(onlyOperand(operands, 'PROG.o'));
    const text = wat ? wasmText : disasmText;
    stdout.write(
      selected(object, prog)
        .map((program) => text(object, program))
        .join('\n'),
    );
    return EXIT.DONE;
  },
});

function selected(
  { name, programs }: ObjectSpec,
  prog: string | undefined,
): readonly ProgramSpec[] {
  if (prog === undefined) return programs;
  const found = programs.filter((program) => program.name === prog);
  if (found.length > 0) return found;
  const names = programs.map((program) => program.name).join(', ');
  throw new UsageError(`${name}: no program ${prog}; its programs are ${names}`);
}
