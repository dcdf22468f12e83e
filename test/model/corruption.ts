import type { Place } from './difference.js';

/** A random integer, 0 <= n < bound. */
export type Below = (bound: number) => number;

export interface Corruption<Trace> {
  readonly trace: Trace;
  /** What was done, for a test's message. */
  readonly what: string;
  /** Where a comparison must report the first difference; its path at least starts with this one. */
  readonly place: Place;
}

/** Corrupts one thing of its kind, if the trace has any. */
export type Corrupter<Trace> = (trace: Trace, below: Below) => Corruption<Trace> | undefined;

/** mulberry32: small, seeded, the same everywhere. */
export function seededBelow(seed: number): Below {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  };
}

export function pick<T>(list: readonly T[], below: Below): T | undefined {
  return list.length === 0 ? undefined : list[below(list.length)];
}

/** The first of the corrupters, in random order, that finds something to corrupt. */
export function corruptWith<Trace>(
  corrupters: readonly Corrupter<Trace>[],
  trace: Trace,
  below: Below,
): Corruption<Trace> {
  const untried = [...corrupters];
  while (untried.length > 0) {
    const [corrupter] = untried.splice(below(untried.length), 1);
    const corruption = corrupter?.(trace, below);
    if (corruption) return corruption;
  }
  throw new RangeError('trace: expected something to corrupt, found none');
}

/** Another value of the same kind. */
export function otherThan(value: unknown, below: Below): unknown {
  if (typeof value === 'number') return value + 1 + below(3);
  if (typeof value === 'string') return `${value}x`;
  if (Array.isArray(value)) return value.map((member) => otherThan(member, below));
  return 0;
}

export function withoutIndex<T>(list: readonly T[], index: number): T[] {
  return list.filter((_, i) => i !== index);
}

export function withIndex<T>(list: readonly T[], index: number, value: T): T[] {
  return list.map((old, i) => (i === index ? value : old));
}

export function withSwapped<T>(list: readonly T[], index: number): T[] {
  const [a, b] = list.slice(index, index + 2) as [T, T];
  return withIndex(withIndex(list, index, b), index + 1, a);
}

export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Neighbours that differ: the indices of the first of each pair. */
export function unequalNeighbours(list: readonly unknown[]): number[] {
  return [...list.keys()].filter((i) => i + 1 < list.length && !isSame(list[i], list[i + 1]));
}

/** Taking away one of two equal neighbours shows only behind them. */
export function firstUnequal(a: readonly unknown[], b: readonly unknown[]): number {
  let i = 0;
  while (i < a.length && i < b.length && isSame(a[i], b[i])) i++;
  return i;
}
