import fc from 'fast-check';
import { test } from 'uvu';

/**
 * Registers a fast-check property as a uvu test.
 *
 * `XDPEMU_SEED`, `XDPEMU_PATH` and `XDPEMU_RUNS` override seed, shrink path and number of runs; a failure prints the
 * command that sets them so that it replays exactly.
 */
export function property<Ts>(
  name: string,
  file: string,
  prop: fc.IAsyncProperty<Ts> | fc.IProperty<Ts>,
  parameters: fc.Parameters<Ts> = {},
): void {
  test(name, async () => {
    const { XDPEMU_SEED: seed, XDPEMU_PATH: path, XDPEMU_RUNS: runs } = process.env;
    const details = await fc.check(prop as fc.IAsyncProperty<Ts>, {
      ...parameters,
      ...(seed !== undefined && { seed: Number(seed) }),
      ...(path !== undefined && { path }),
      ...(runs !== undefined && { numRuns: Number(runs) }),
    });
    if (!details.failed) return;
    const replay = `XDPEMU_SEED=${details.seed} XDPEMU_PATH=${details.counterexamplePath ?? ''} node ${file}`;
    throw new Error(
      `property failed after ${details.numRuns} runs (${details.numShrinks} shrinks)\n` +
        `counterexample: ${fc.stringify(details.counterexample)}\n` +
        `${details.errorInstance}\n` +
        `seed ${details.seed}, path ${details.counterexamplePath}\nreplay: ${replay}`,
      { cause: details.errorInstance },
    );
  });
}
