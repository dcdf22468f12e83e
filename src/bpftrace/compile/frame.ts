import type { Type } from '../language/types.js';
import type { PrintLimits } from '../output/output.js';
import type { BpftraceMap } from '../values/map.js';
import type { Value } from '../values/state.js';

/** Where and why a probe runs, as builtins tell it. */
export interface Site {
  readonly probe: string;
  /** Nanoseconds of the clock that `Surface.nowNs` reads. */
  readonly timeNs: number;
  readonly cpu: number;
  readonly pid: number;
  readonly comm: () => string;
  /** Fields of the tracepoint that fired, by the names of its print format. */
  readonly fields: Readonly<Record<string, number>>;
}

/** What a running program does to the world. */
export interface Surface {
  /** Milliseconds since 1970 at which the clock of sites was 0. */
  readonly clockOriginMs: number;
  /** When the program began, by the clock of sites. */
  readonly startNs: number;
  message(kind: 'printf' | 'time', text: string): void;
  printValue(type: Type, value: Value): void;
  printMap(map: BpftraceMap, limits: PrintLimits): void;
  exit(): void;
}

/** A run of a probe. */
export interface Frame {
  site: Site;
  /** `return` or `exit()` was met. */
  isLeft: boolean;
  readonly variables: Value[];
}

export type Evaluate = (frame: Frame) => Value;
export type Execute = (frame: Frame) => void;
