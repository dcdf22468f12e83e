import { parseArgs } from 'node:util';

/** What every bench can be told on its command line. */
export interface BenchOptions {
  /** A second or two: whether it runs and gets the right results, not how fast. */
  readonly smoke: boolean;
  /** One JSON object instead of tables. */
  readonly json: boolean;
}

export function benchOptions(): BenchOptions {
  const { values } = parseArgs({
    options: { smoke: { type: 'boolean' }, json: { type: 'boolean' } },
  });
  return { smoke: values.smoke ?? false, json: values.json ?? false };
}

/** One measurement: nanoseconds an item, and a number by which the work is known to be done. */
export interface Sample {
  readonly ns: number;
  readonly result: number;
}

export interface Subject {
  readonly name: string;
  readonly run: () => Sample | Promise<Sample>;
}

/** One subject over all rounds. */
export interface Row {
  readonly name: string;
  /** Nanoseconds an item: lower quartile, median, upper quartile. */
  readonly ns: Quartiles;
  /** Median over the rounds of its speed as a multiple of the first subject's in the same round. */
  readonly ratio: number;
}

export type Quartiles = readonly [lower: number, median: number, upper: number];

/**
 * Runs every subject once a round, after one round to warm up: what slows the machine down slows all of a round, and the
 * ratios hold. The first subject is the baseline. Throws where a subject's result is not `expected`.
 */
export async function pairedRounds(
  subjects: readonly Subject[],
  rounds: number,
  expected: number,
): Promise<Row[]> {
  const ns: number[][] = subjects.map(() => []);
  for (let round = -1; round < rounds; round++) {
    for (const [index, { name, run }] of subjects.entries()) {
      const sample = await run();
      if (sample.result !== expected)
        throw new Error(`${name}: expected the result ${expected}, got ${sample.result}`);
      if (round >= 0) ns[index]!.push(sample.ns);
    }
  }
  return subjects.map(({ name }, index) => {
    const ratios = ns[index]!.map((own, round) => ns[0]![round]! / own);
    return { name, ns: quartiles(ns[index]!), ratio: quartiles(ratios)[1] };
  });
}

export function quartiles(samples: readonly number[]): Quartiles {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)]!;
  return [at(0.25), at(0.5), at(0.75)];
}

export function printRows(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}`);
  console.log(`  ${'ns/item: median (quartiles)'.padStart(50)}  x ${rows[0]?.name}`);
  for (const { name, ns, ratio } of rows) {
    const [lower, median, upper] = ns.map((value) => value.toFixed(2)) as [string, string, string];
    const figures = `${median} (${lower}..${upper})`;
    console.log(`  ${name.padEnd(20)}${figures.padStart(30)}  ${ratioText(ratio)}`);
  }
}

/** Two digits that count. */
function ratioText(ratio: number): string {
  return ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2);
}
