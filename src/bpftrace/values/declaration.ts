import type { Type } from '../language/types.js';
import type { LinearRange } from './histogram.js';

/** A map as the checker has found it. */
export interface MapDeclaration {
  readonly name: string;
  readonly keys: readonly Type[];
  readonly type: Type;
  /** Where its values are `lhist`s. */
  readonly range: LinearRange | undefined;
}
