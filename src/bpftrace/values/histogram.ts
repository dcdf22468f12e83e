import { divide, type Int64, subtract } from './int64.js';

/** What `lhist` was asked for. */
export interface LinearRange {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** Buckets of powers of two: less than 0, 0, 1, and one for each bit. */
export const POWER_BUCKETS = 65;

/** The bucket of `hist` that `value` is in. */
export function powerBucket(value: Int64): number {
  if (value < 0) return 0;
  if (value === 0) return 1;
  if (typeof value === 'number' && value < 2 ** 32) return 33 - Math.clz32(value);
  return BigInt(value).toString(2).length + 1;
}

/** How many buckets `range` has, with that for less and that for more. */
export function linearBuckets({ min, max, step }: LinearRange): number {
  return Math.trunc((max - min) / step) + 2;
}

/** The bucket of `lhist` that `value` is in. */
export function linearBucket(value: Int64, range: LinearRange): number {
  const { min, max, step } = range;
  if (value < min) return 0;
  if (value > max) return linearBuckets(range) - 1;
  return 1 + Number(divide(subtract(value, min), step));
}

/** The least and the greatest value of a bucket; undefined where there is no end. */
export interface BucketBounds {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

export function powerBounds(bucket: number): BucketBounds {
  if (bucket === 0) return { min: undefined, max: -1 };
  if (bucket <= 2) return { min: bucket - 1, max: bucket - 1 };
  return { min: 2 ** (bucket - 2), max: 2 ** (bucket - 1) - 1 };
}

export function linearBounds(bucket: number, range: LinearRange): BucketBounds {
  const { min, max, step } = range;
  if (bucket === 0) return { min: undefined, max: min - 1 };
  if (bucket === linearBuckets(range) - 1) return { min: max, max: undefined };
  return { min: min + (bucket - 1) * step, max: min + bucket * step - 1 };
}
