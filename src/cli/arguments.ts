import { UsageError } from './usageError.js';

/** The whole number that an option was given. Throws UsageError. */
export function integer(
  name: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  throw new UsageError(`--${name}: expected a whole number ${range}, found ${text}`);
}
