import { Failure, MACHINE_ADDRESS, Machine } from '../arena/layout.generated.js';
import type { System } from './system.js';

/** Each invariant of the data plane in words. */
const texts: Readonly<Record<number, string>> = {
  [Failure.NOT_OWNER]:
    'a frame was freed or passed on by a context that does not hold it (a double free)',
  [Failure.NOT_FREE]: 'a pool gave out a frame that is in use',
  [Failure.RECYCLE_FULL]: 'a frame was returned to its pool twice',
  [Failure.OUT_OF_ORDER]: 'a flow reached a target out of order, or twice',
  [Failure.KTHREAD_NOT_EMPTY]: 'a kthread ended with frames on its queue',
};

/** An invariant of the data plane is broken: a bug of the emulator, not of the program that it runs. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** The broken invariant that the data plane recorded, if it did. */
export function brokenInvariant({ arena }: Pick<System, 'arena'>): InvariantError | undefined {
  const failure = arena.loadShared(MACHINE_ADDRESS, Machine.failure);
  if (failure === Failure.NONE) return undefined;
  const context = arena.get(MACHINE_ADDRESS, Machine.failureContext);
  const detail = arena.get(MACHINE_ADDRESS, Machine.failureDetail);
  return new InvariantError(
    `${texts[failure]}: found by context ${context} at 0x${detail.toString(16)}`,
  );
}
