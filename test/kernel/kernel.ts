/**
 * `npm run test:kernel [-- RUNS [SEED]]`: random map system calls and redirect scripts, run on this machine's own kernel
 * and by the emulator. Needs Linux with BPF, root and a C compiler; says so and passes where it has them not.
 */

import { availableParallelism } from 'node:os';
import { compareMapCalls, examine, type MachineTraits } from './maps.js';
import { RecorderProgram } from './recorder/recorder.js';
import { compareRedirects } from './redirects.js';

/** Map sequences for each redirect experiment: these take longer. */
const REDIRECT_SHARE = 4;

function skip(reason: string): never {
  console.log(`skipped: no comparison with this machine's kernel: ${reason}`);
  process.exit(0);
}

async function main(runs: number, seed: number): Promise<void> {
  if (process.platform !== 'linux') skip(`expected Linux, found ${process.platform}`);
  if (process.getuid?.() !== 0) skip('expected to be root');
  let program: RecorderProgram | undefined;
  let machine: MachineTraits;
  try {
    program = new RecorderProgram();
    machine = await examine(program);
  } catch (error) {
    program?.[Symbol.dispose]();
    skip((error as Error).message);
  }
  using recorders = program;
  process.once('exit', () => recorders[Symbol.dispose]());
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  console.log(`Linux ${machine.kernel}, seed ${seed}`);
  const differing =
    (await compareMapCalls(recorders, machine, { runs, seed })) +
    (await redirects(recorders, Math.ceil(runs / REDIRECT_SHARE), seed));
  process.exitCode = differing > 0 ? 1 : 0;
}

async function redirects(program: RecorderProgram, runs: number, seed: number): Promise<number> {
  if (availableParallelism() < 2) {
    console.log('redirects: skipped: expected two CPUs, found one');
    return 0;
  }
  return await compareRedirects(program, { runs, seed });
}

const [runs = '100', seed = String(Date.now() % 2 ** 30)] = process.argv.slice(2);
await main(wholeNumber('RUNS', runs), wholeNumber('SEED', seed));

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  console.error(`${name}: expected a whole number, found ${text}`);
  process.exit(2);
}
