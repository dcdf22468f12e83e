import { Context, TraceRing } from '../arena/layout.generated.js';
import type { ContextHandle } from '../machine/kernel.js';
import type { System } from '../machine/system.js';
import { drainTraceRing, type RawRecord } from '../trace/records.js';

/** The trace records of a machine's contexts, program runs among them, read while it runs. */
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
    drainTraceRing(arena, ring, id, (record) => records.push(record));
  }

  of(contextId: number): RawRecord[] {
    const known = this.#records.get(contextId);
    if (known !== undefined) return known;
    const records: RawRecord[] = [];
    this.#records.set(contextId, records);
    return records;
  }
}
