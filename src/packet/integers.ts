/**
 * Checks that `value` is an integer of `min..max` and returns it.
 *
 * @throws TypeError if it is not a number, RangeError if it is outside; both name the object by `what`
 */
export function integerIn(what: string, value: number, min: number, max: number): number {
  if (typeof value !== 'number') {
    throw new TypeError(`${what}: expected a number, found ${typeof value}`);
  }
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${what}: expected an integer of ${min}..${max}, found ${value}`);
  }
  return value;
}
