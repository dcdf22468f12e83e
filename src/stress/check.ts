import { Context } from '../arena/layout.generated.js';
import type { Machine } from '../machine/machine.js';

/** What must hold of a machine at rest after a stress run: whatever does not, in words. */
export function findLeaks({ system }: Machine, usedBytesBefore: number): string[] {
  const { arena, dp, kernel } = system;
  const found: string[] = [];
  for (const { id, address } of kernel.contexts) {
    const inUse = dp.framesInUse(arena.get(address, Context.pool));
    if (inUse !== 0) found.push(`${inUse} frames of context ${id} were never given back`);
  }
  const kthreads = [...system.kthreads].length;
  if (kthreads !== 0) found.push(`${kthreads} kthreads did not end`);
  const waiting = system.housekeep();
  if (waiting !== 0) found.push(`${waiting} retired entries were not freed`);
  const grown = arena.usedBytes - usedBytesBefore;
  if (grown !== 0) found.push(`the arena has ${grown} bytes more in use than before the run`);
  return found;
}

/** Every fate together makes what was received. */
export function findImbalance(frames: {
  readonly received: number;
  readonly fates: Readonly<Record<string, number>>;
}): string[] {
  const ended = Object.values(frames.fates).reduce((sum, n) => sum + n, 0);
  return ended === frames.received
    ? []
    : [`${frames.received} frames were received, but ${ended} have met their fate`];
}
