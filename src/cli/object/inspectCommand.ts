import { ObjectFiles } from '../../program/ebpf/objectFile.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit.js';
import { inspectObject, inspectText, toJson } from './inspectText.js';
import { onlyOperand } from './operand.js';

const DESCRIPTION = `
Says what is in an eBPF object: its programs with the helpers and maps that they use, maps,
global variables, and what could not be run here and why.
`;

export const inspectCommand = defineCommand({
  usage: 'PROG.o [options]',
  description: DESCRIPTION,
  options: { json: { text: 'the same as JSON' } },
  run: async ({ json }, operands, { stdout }) => {
    const object = new ObjectFiles('.').read(onlyOperand(operands, 'PROG.o'));
    stdout.write(json ? `${toJson(inspectObject(object), 2)}\n` : inspectText(object));
    return EXIT.DONE;
  },
});
