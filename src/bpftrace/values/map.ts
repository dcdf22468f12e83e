import { isSigned } from '../language/types.js';
import type { MapDeclaration } from './declaration.js';
import { divideSigned, type Int64, isLess } from './int64.js';
import { type Average, type State, type Value, zeroed } from './state.js';

/** What tells the keys of a map apart: the key itself, or several as one text. */
export type MapKey = Value;

export interface Entry {
  readonly key: readonly Value[];
  state: State;
}

/** A map of a running program. */
export class BpftraceMap {
  readonly declaration: MapDeclaration;
  readonly entries = new Map<MapKey, Entry>();
  /** A count without keys is an array in bpftrace: always there. */
  readonly #isArray: boolean;

  constructor(declaration: MapDeclaration) {
    this.declaration = declaration;
    this.#isArray = declaration.type.kind === 'count' && declaration.keys.length === 0;
    if (this.#isArray) this.entries.set(WHOLE, { key: [], state: 0 });
  }

  delete(key: MapKey): void {
    if (this.#isArray) this.zero();
    else this.entries.delete(key);
  }

  clear(): void {
    if (this.#isArray) this.zero();
    else this.entries.clear();
  }

  zero(): void {
    for (const entry of this.entries.values()) entry.state = zeroed(entry.state);
  }

  /** In the order in which they are printed: by value, those of strings by key. Equal ones by key. */
  sorted(): Entry[] {
    const { type } = this.declaration;
    const isSignedType = isSigned(type);
    const rank = rankOf(type.kind);
    const entries = [...this.entries.values()].sort(byKey);
    if (rank === undefined) return entries;
    return entries.sort((a, b) => order(rank(a.state), rank(b.state), isSignedType));
  }
}

/** The key of a map that is not indexed. */
export const WHOLE: MapKey = 0;

function rankOf(kind: MapDeclaration['type']['kind']): ((state: State) => Int64) | undefined {
  switch (kind) {
    case 'integer':
    case 'count':
    case 'sum':
    case 'min':
    case 'max':
      return (state) => state as Int64;
    case 'avg':
    case 'stats':
      return (state) => average(state as Average);
    case 'hist':
    case 'lhist':
      return (state) => (state as number[]).reduce((sum, count) => sum + count, 0);
    default:
      return undefined;
  }
}

export function average({ count, total }: Average): Int64 {
  return divideSigned(total, count);
}

function order(a: Int64, b: Int64, isSignedType: boolean): number {
  if (a === b) return 0;
  return isLess(a, b, isSignedType) ? -1 : 1;
}

function byKey({ key: a }: Entry, { key: b }: Entry): number {
  for (const [index, left] of a.entries()) {
    const right = b[index]!;
    if (left === right) continue;
    if (typeof left === 'string') return left < (right as string) ? -1 : 1;
    return order(left, right as Int64, false);
  }
  return 0;
}
