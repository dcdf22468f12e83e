/** Seeds of a test that explores schedules: `XDPEMU_SEED` alone, or so many from 0 (`XDPEMU_RUNS` overrides). */
export function seedsOf(runs: number): number[] {
  const { XDPEMU_SEED: seed, XDPEMU_RUNS: count } = process.env;
  if (seed !== undefined) return [Number(seed)];
  return Array.from({ length: Number(count ?? runs) }, (_, index) => index);
}

/** Calls `check` for each seed; a failure names the seed and the command that replays it. */
export function forEachSeed(seeds: readonly number[], file: string, check: (seed: number) => void) {
  for (const seed of seeds) {
    try {
      check(seed);
    } catch (error) {
      const replay = `XDPEMU_SEED=${seed} node ${file}`;
      throw new Error(`seed ${seed}: ${(error as Error).message}\nreplay: ${replay}`, {
        cause: error,
      });
    }
  }
}
