import { Arena } from '../../src/arena/arena.js';
import type { SchedulePoint } from '../../src/arena/atomics.js';
import {
  type DataPlane,
  type DataPlaneBuild,
  dataPlaneModule,
  instantiateDataPlane,
} from '../../src/arena/dataplane.js';

/** A data plane over an arena that holds nothing yet: for tests of single structs. */
export interface BarePlane {
  readonly arena: Arena;
  readonly dp: DataPlane;
}

/** `memory`: another thread's arena; a new one of `bytes` without it. */
export function barePlane(memory?: WebAssembly.Memory, bytes = 1 << 20): BarePlane {
  const arena = memory === undefined ? Arena.create(bytes) : new Arena(memory);
  return { arena, dp: instantiate(arena) };
}

/** One more instance over `arena`, as another thread would have it. */
export function instantiate(
  arena: Arena,
  build: DataPlaneBuild = 'production',
  point?: SchedulePoint,
): DataPlane {
  return instantiateDataPlane(dataPlaneModule(build), arena, () => 0, point);
}

/** Copies u32 `values` to `address`. */
export function putWords(arena: Arena, address: number, values: readonly number[]): void {
  values.forEach((value, index) => {
    arena.setU32(address + 4 * index, value);
  });
}

/** `count` u32 values from `address`. */
export function getWords(arena: Arena, address: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => arena.u32(address + 4 * index));
}
