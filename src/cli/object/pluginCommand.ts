import { readFileSync } from 'node:fs';
import { type Engine, runPlugin } from '../../bpf/plugin.js';
import { defineCommand } from '../command.js';
import { UsageError } from '../usageError.js';

const DESCRIPTION = `
Runs one program for the public bpf_conformance suite: standard input is its instructions as hex
bytes, MEMHEX the memory that r1 points to (r2 is its length). Prints r0 in hex; what goes wrong
is said on standard error, with exit code 1.
`;

const STDIN = 0;

export const pluginCommand = defineCommand({
  usage: '[MEMHEX] [options]',
  description: DESCRIPTION,
  options: {
    engine: { value: 'interp|jit', text: 'the reference interpreter or the compiler (default)' },
  },
  run: async ({ engine = 'jit' }, operands, { stdout, stderr }) => {
    // The suite gives the bytes in one argument, or each in one of its own.
    const memoryHex = operands.join(' ');
    const { exitCode, output, error } = runPlugin(
      memoryHex,
      readFileSync(STDIN, 'utf8'),
      engineOf(engine),
    );
    stdout.write(output);
    stderr.write(error);
    return exitCode;
  },
});

function engineOf(name: string): Engine {
  if (name === 'interp' || name === 'jit') return name;
  throw new UsageError(`--engine: expected interp or jit, found ${name}`);
}
