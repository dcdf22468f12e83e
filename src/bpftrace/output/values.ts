import { isSigned, type Type } from '../language/types.js';
import { divide, divideSigned, type Int64, intText, unsigned } from '../values/int64.js';
import type { Value } from '../values/state.js';

/** A value of a map or an expression as it is printed. */
export function valueText(type: Type, value: Value, divisor = 1): string {
  if (typeof value === 'string') return value;
  // Counts are unsigned, though their type says otherwise to operators.
  const isSignedType = type.kind === 'count' ? false : isSigned(type) || type.kind === 'pointer';
  return intText(divided(value, divisor, isSignedType), isSignedType);
}

function divided(value: Int64, divisor: number, isSignedType: boolean): Int64 {
  if (divisor === 1) return value;
  return isSignedType ? divideSigned(value, divisor) : divide(value, divisor);
}

/** A key: pointers in hexadecimal, integers with their sign whatever they were. */
export function keyText(type: Type, value: Value): string {
  return type.kind === 'pointer' ? `0x${unsigned(value as Int64).toString(16)}` : String(value);
}
