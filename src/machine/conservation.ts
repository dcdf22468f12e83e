import { Context } from '../arena/layout.generated.js';
import { balance } from './counters.js';
import { brokenInvariant, InvariantError } from './failure.js';
import type { System } from './system.js';

/**
 * Checks what must hold in an idle machine: every frame that was received has met exactly one fate, or is on a ring;
 * no frame is lost to its pool. Throws `InvariantError`.
 */
export function verifyConservation(system: System): void {
  const broken = brokenInvariant(system);
  if (broken !== undefined) throw broken;
  const { arena, dp, kernel } = system;
  const { received, ended } = balance(system);
  let inUse = 0;
  for (const { id, address } of kernel.contexts) {
    const pool = arena.get(address, Context.pool);
    inUse += dp.framesInUse(pool);
    const astray = dp.fragsAstray(pool);
    if (astray !== 0)
      throw new InvariantError(`${astray} fragments of context ${id} belong to no frame`);
  }
  if (received !== ended + inUse) {
    throw new InvariantError(
      `${received} frames were received, but ${ended} have met their fate and ${inUse} are on rings`,
    );
  }
}
