import type { ArithmeticOperator, BinaryOperator, Comparison } from '../language/ast.js';
import {
  add,
  and,
  divide,
  type Int64,
  isLess,
  modulo,
  multiply,
  or,
  shiftLeft,
  shiftRight,
  subtract,
  xor,
} from '../values/int64.js';
import type { Evaluate, Frame } from './frame.js';

const operations: Readonly<Record<ArithmeticOperator, (a: Int64, b: Int64) => Int64>> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': modulo,
  '&': and,
  '|': or,
  '^': xor,
  '<<': shiftLeft,
  '>>': shiftRight,
};

/** `operator` on what `left` and `right` give. `isSigned`: how to compare. */
export function compileBinary(
  operator: BinaryOperator,
  left: Evaluate,
  right: Evaluate,
  isSigned: boolean,
): Evaluate {
  switch (operator) {
    case '&&':
      return (frame) => (left(frame) !== 0 && right(frame) !== 0 ? 1 : 0);
    case '||':
      return (frame) => (left(frame) !== 0 || right(frame) !== 0 ? 1 : 0);
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compileComparison(operator, left, right, isSigned);
    default: {
      const operation = operations[operator];
      return (frame) => operation(left(frame) as Int64, right(frame) as Int64);
    }
  }
}

function compileComparison(
  operator: Comparison,
  left: Evaluate,
  right: Evaluate,
  isSigned: boolean,
): Evaluate {
  const less = (a: Evaluate, b: Evaluate) => (frame: Frame) =>
    isLess(a(frame) as Int64, b(frame) as Int64, isSigned);
  switch (operator) {
    case '==':
      return (frame) => (left(frame) === right(frame) ? 1 : 0);
    case '!=':
      return (frame) => (left(frame) === right(frame) ? 0 : 1);
    case '<':
      return toInteger(less(left, right), 1);
    case '>':
      return toInteger(less(right, left), 1);
    case '<=':
      return toInteger(less(right, left), 0);
    case '>=':
      return toInteger(less(left, right), 0);
  }
}

function toInteger(test: (frame: Frame) => boolean, yes: 0 | 1): Evaluate {
  return (frame) => (test(frame) ? yes : 1 - yes);
}
