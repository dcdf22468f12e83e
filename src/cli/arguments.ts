import { UsageError } from './usageError.js';

/** The one operand of a command, a `noun`; `missing` is what to say where there is none. Throws UsageError. */
export function onlyOperand(operands: readonly string[], noun: string, missing: string): string {
  const [only, ...more] = operands;
  if (only === undefined) throw new UsageError(missing);
  if (more.length === 0) return only;
  throw new UsageError(`expected one ${noun}, found also ${more.join(', ')}`);
}

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

/** The milliseconds of an option that was given seconds. Throws UsageError. */
export function milliseconds(
  name: string,
  text: string | undefined,
  range?: { readonly least: number; readonly most: number },
): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  const { least, most } = range ?? { least: Number.MIN_VALUE, most: Number.POSITIVE_INFINITY };
  if (/^[0-9]*\.?[0-9]+$/.test(text) && seconds >= least && seconds <= most) return seconds * 1000;
  const expected =
    range === undefined
      ? 'seconds as a decimal number above 0 (10, 0.5)'
      : `seconds from ${least} to ${most}`;
  throw new UsageError(`--${name}: expected ${expected}, found ${text}`);
}
