import type { MapNode } from '../language/ast.js';
import { type MapKey, WHOLE } from '../values/map.js';
import type { Value } from '../values/state.js';
import type { Evaluate, Frame } from './frame.js';

/** How to find an entry of a map. */
export interface KeyAccess {
  /** The key, as a map tells its entries apart. */
  readonly key: (frame: Frame) => MapKey;
  /** Its parts, for an entry that is new. */
  readonly parts: (frame: Frame) => readonly Value[];
}

/** Separates the parts of a key in one text: strings of the emulator have none. */
const SEPARATOR = '\0';

export function compileKeys(
  { keys = [] }: MapNode,
  compile: (node: NonNullable<MapNode['keys']>[number]) => Evaluate,
): KeyAccess {
  const evaluations = keys.map(compile);
  const [only] = evaluations;
  if (only === undefined) return { key: () => WHOLE, parts: () => [] };
  const parts = (frame: Frame) => evaluations.map((evaluate) => evaluate(frame));
  if (evaluations.length === 1) return { key: only, parts };
  return { key: (frame) => parts(frame).join(SEPARATOR), parts };
}
