import type { Type } from '../language/types.js';
import type { BpftraceMap } from '../values/map.js';
import type { Value } from '../values/state.js';

/** How much of a map `print()` was asked for. */
export interface PrintLimits {
  /** The greatest so many; 0 for all. */
  readonly top: number;
  /** What values are divided by. */
  readonly divisor: number;
}

export const ALL: PrintLimits = { top: 0, divisor: 1 };

/** Makes texts of what a program prints. */
export interface OutputFormat {
  attached(probes: number): string;
  map(map: BpftraceMap, limits: PrintLimits): string;
  value(type: Type, value: Value): string;
  message(kind: 'printf' | 'time', text: string): string;
  lost(events: number): string;
}

/** The last `top` of `list`. */
export function topOf<T>(list: readonly T[], top: number): readonly T[] {
  return top === 0 ? list : list.slice(-top);
}
