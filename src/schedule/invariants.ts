import { Context, Fate, Tracepoint } from '../arena/layout.generated.js';
import type { ContextHandle } from '../machine/kernel.js';
import type { System } from '../machine/system.js';

/** What a run counted, over all contexts. */
export interface RunCounters {
  readonly received: number;
  readonly clones: number;
  /** By `Fate`. */
  readonly fates: readonly number[];
  /** By `Tracepoint`. */
  readonly tracepoints: readonly number[];
}

/** An explored run left the machine in a state that must not be. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function readCounters({ arena, kernel }: System): RunCounters {
  const sum = (read: (context: number) => number) =>
    kernel.contexts.reduce((total, { address }) => total + read(address), 0);
  const sums = (field: typeof Context.fates | typeof Context.events, count: number) =>
    Array.from({ length: count }, (_, i) =>
      sum((context) => arena.u64(arena.get(context, field) + 8 * i)),
    );
  return {
    received: sum((context) => arena.get(context, Context.received)),
    clones: sum((context) => arena.get(context, Context.clones)),
    fates: sums(Context.fates, Fate.COUNT),
    tracepoints: sums(Context.events, Tracepoint.COUNT),
  };
}

/** Every frame ends once, and none is left in use: the machine is at rest. Throws InvariantError. */
export function checkAtRest(system: System, counters: RunCounters): void {
  checkConservation(counters);
  for (const context of system.kernel.contexts) checkPool(system, context);
}

function checkConservation({ received, clones, fates }: RunCounters): void {
  const ended = fates.reduce((total, count) => total + count, 0);
  if (received + clones === ended) return;
  throw new InvariantError(
    `conservation: ${received} frames received and ${clones} copied, but ${ended} have a fate`,
  );
}

function checkPool({ arena, dp }: System, { id, address }: ContextHandle): void {
  const inUse = dp.framesInUse(arena.get(address, Context.pool));
  if (inUse === 0) return;
  throw new InvariantError(`ownership: ${inUse} frames of context ${id} are still in use`);
}

/** Nobody sleeps over work. All contexts sleep. Throws InvariantError. */
export function checkAllAwake({ kernel, dp }: System): void {
  for (const { id, address } of kernel.contexts) {
    if (dp.contextHasWork(address) === 0) continue;
    throw new InvariantError(`lost wake-up: context ${id} sleeps, and has work`);
  }
}
