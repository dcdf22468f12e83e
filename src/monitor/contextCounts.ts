import { Context, ContextKind, Fate, Tracepoint } from '../arena/layout.generated.js';
import type { ContextHandle } from '../machine/kernel.js';
import type { System } from '../machine/system.js';
import type { Tally } from './counts.js';

/** What the data plane counts by itself: nothing of it has to be recorded. */
interface ContextCounts {
  readonly received: number;
  readonly dropped: number;
  readonly aborted: number;
  readonly redirected: number;
}

/** Frames that came in and redirects that went well, as far as they were not looked at before. */
export class ContextCounter {
  readonly #system: System;
  readonly #last = new Map<number, ContextCounts>();

  constructor(system: System) {
    this.#system = system;
  }

  /** Adds what has happened since the last call. */
  addTo(tally: Tally): void {
    for (const context of this.#system.kernel.contexts) {
      if (context.cpu < 0) continue;
      const now = this.#read(context);
      const last = this.#last.get(context.id);
      this.#last.set(context.id, now);
      const redirected = now.redirected - (last?.redirected ?? 0);
      if (redirected > 0) tally.of('redirect', '', context.cpu).processed += redirected;
      if (context.kind !== ContextKind.RECEIVE) continue;
      const receive = tally.of('receive', '', context.cpu);
      receive.processed += now.received - (last?.received ?? 0);
      receive.dropped += now.dropped - (last?.dropped ?? 0);
      receive.issue += now.aborted - (last?.aborted ?? 0);
    }
  }

  #read({ address }: ContextHandle): ContextCounts {
    const { arena } = this.#system;
    const fates = arena.get(address, Context.fates);
    const events = arena.get(address, Context.events);
    return {
      received: arena.get(address, Context.received),
      dropped: arena.u64(fates + 8 * Fate.DROP),
      aborted: arena.u64(fates + 8 * Fate.ABORTED),
      redirected:
        arena.u64(events + 8 * Tracepoint.XDP_REDIRECT) +
        arena.u64(events + 8 * Tracepoint.XDP_REDIRECT_MAP),
    };
  }
}
