/** `npm run stress -- [options]`: the stress run of the built package, as `xdpemu stress` has it. */
import { parseArgs } from 'node:util';
import { stressCommand } from '../dist/src/stress/command.js';

const options = Object.fromEntries(
  Object.entries(stressCommand.options).map(([name, { value }]) => [
    name,
    { type: value === undefined ? 'boolean' : 'string' },
  ]),
);
try {
  const { values, positionals: operands } = parseArgs({ options, allowPositionals: true });
  process.exitCode = await stressCommand.run({ values, operands }, process);
} catch (error) {
  process.stderr.write(`stress: ${error.message}\n`);
  process.exitCode = 2;
}
