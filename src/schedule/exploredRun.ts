import { createHash } from 'node:crypto';
import type { Arena } from '../arena/arena.js';
import { Context, TraceRing } from '../arena/layout.generated.js';
import type { ContextHandle } from '../machine/kernel.js';
import { drainTraceRing, type RawRecord } from '../trace/records.js';
import type { RunCounters } from './invariants.js';
import type { Switch } from './sharedState.js';

/** What one seed gave. */
export interface ExploredRun {
  readonly seed: number;
  /** Tracepoints and fates in the order in which they happened, machine-wide. */
  readonly events: readonly RawRecord[];
  /** Of the events in their order, but not of their times: runs with the same hash differ at most in when they switched. */
  readonly hash: string;
  /** Schedule points. */
  readonly points: number;
  /** Where the baton was passed, in order. */
  readonly switches: readonly Switch[];
  readonly counters: RunCounters;
  /** Memory that the run allocated and did not free. */
  readonly grownBytes: number;
}

/** Reads every context's trace ring. Throws RangeError where records were lost. */
export function readEvents(arena: Arena, contexts: readonly ContextHandle[]): RawRecord[] {
  const events: RawRecord[] = [];
  for (const { id, address } of contexts) {
    const ring = arena.get(address, Context.trace);
    drainTraceRing(arena, ring, id, (record) => events.push(record));
    const lost = arena.get(ring, TraceRing.lost);
    if (lost !== 0)
      throw new RangeError(`context ${id}: ${lost} records did not fit its trace ring`);
  }
  return events.sort((a, b) => a.order - b.order);
}

export function hashEvents(events: readonly RawRecord[]): string {
  const hash = createHash('sha256');
  for (const { contextId, kind, type, cpu, tag, frame, fields } of events) {
    hash.update(Int32Array.of(contextId, kind, type, cpu, tag, frame));
    hash.update(fields);
  }
  return hash.digest('hex').slice(0, 16);
}
