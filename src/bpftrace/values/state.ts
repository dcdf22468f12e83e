import type { Type } from '../language/types.js';
import {
  type LinearRange,
  linearBucket,
  linearBuckets,
  POWER_BUCKETS,
  powerBucket,
} from './histogram.js';
import { add, type Int64 } from './int64.js';

/** What expressions give. */
export type Value = Int64 | string;

export interface Average {
  readonly count: Int64;
  readonly total: Int64;
}

/** What a map has at a key. */
export type State = Value | Average | number[];

/** How a function of bpftrace keeps what it is given; `state` is undefined for the first. */
export type Aggregate = (state: State | undefined, value: Int64) => State;

/** The function whose results a map of `type` keeps. */
export function aggregateOf(type: Type, range: LinearRange | undefined): Aggregate {
  switch (type.kind) {
    case 'count':
      return (state) => add((state as Int64 | undefined) ?? 0, 1);
    case 'sum':
      return (state, value) => add((state as Int64 | undefined) ?? 0, value);
    case 'min':
      return (state, value) => (state === undefined || value < (state as Int64) ? value : state);
    case 'max':
      return (state, value) => (state === undefined || value > (state as Int64) ? value : state);
    case 'avg':
    case 'stats':
      return (state, value) => {
        const { count, total } = (state as Average | undefined) ?? { count: 0, total: 0 };
        return { count: add(count, 1), total: add(total, value) };
      };
    case 'hist':
      return histogram(POWER_BUCKETS, powerBucket);
    case 'lhist':
      return histogram(linearBuckets(range!), (value) => linearBucket(value, range!));
    default:
      return (_, value) => value;
  }
}

function histogram(buckets: number, bucketOf: (value: Int64) => number): Aggregate {
  return (state, value) => {
    const counts = (state as number[] | undefined) ?? new Array<number>(buckets).fill(0);
    counts[bucketOf(value)]!++;
    return counts;
  };
}

/** What `zero()` leaves of a state. */
export function zeroed(state: State): State {
  if (Array.isArray(state)) return state.map(() => 0);
  if (typeof state === 'object') return { count: 0, total: 0 };
  return typeof state === 'string' ? '' : 0;
}
