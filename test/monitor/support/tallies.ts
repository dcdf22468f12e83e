import { type Counts, type DataRecord, type Kind, Tally } from '../../../src/monitor/counts.js';

/** A kind, its key, the CPU, and what was counted. */
export type Counted = readonly [Kind, string, number, Partial<DataRecord>];

export function countsOf(...counted: readonly Counted[]): Counts {
  const tally = new Tally();
  for (const [kind, key, cpu, record] of counted) Object.assign(tally.of(kind, key, cpu), record);
  return tally.take();
}
