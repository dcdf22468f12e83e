import { Context, TraceRing } from '../arena/layout.generated.js';
import type { ContextHandle } from '../machine/kernel.js';
import type { System } from '../machine/system.js';
import { drainTraceRing, type RawRecord } from '../trace/records.js';
import type { ProgramRun } from './scriptedPrograms.js';

/** What happened in one context: a run of a program, or a record of its trace ring. */
export type Happening =
  | { readonly kind: 'run'; readonly run: ProgramRun }
  | { readonly kind: 'record'; readonly record: RawRecord };

/** The trace records of a machine's contexts, read while it runs. */
export class TraceCollector {
  readonly #system: System;
  readonly #records = new Map<number, RawRecord[]>();

  constructor(system: System) {
    this.#system = system;
  }

  /** Reads the context's ring empty. */
  collect({ id, address }: ContextHandle): void {
    const { arena } = this.#system;
    const ring = arena.get(address, Context.trace);
    if (arena.get(ring, TraceRing.lost) > 0)
      throw new Error(`context ${id}: trace records were lost`);
    const records = this.of(id);
    drainTraceRing(arena, ring, (record) => records.push(record));
  }

  of(contextId: number): RawRecord[] {
    const known = this.#records.get(contextId);
    if (known !== undefined) return known;
    const records: RawRecord[] = [];
    this.#records.set(contextId, records);
    return records;
  }
}

/** The records and the program runs of one context in the order in which they happened. */
export function mergeRuns(records: readonly RawRecord[], runs: readonly ProgramRun[]): Happening[] {
  const merged: Happening[] = [];
  let next = 0;
  for (const record of records) {
    // A run knows the number of the record that came after it began, so it stands before that one.
    for (; next < runs.length && runs[next]!.order <= record.order; next++) {
      merged.push({ kind: 'run', run: runs[next]! });
    }
    merged.push({ kind: 'record', record });
  }
  for (const run of runs.slice(next)) merged.push({ kind: 'run', run });
  return merged;
}
