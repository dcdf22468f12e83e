import type { BinaryNode, Expression, UnaryNode } from '../language/ast.js';
import { spanOf } from '../language/span.js';
import { integerOf, isSigned, NONE, type Type, typeText, UINT64 } from '../language/types.js';
import type { Scope } from './scope.js';

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const arithmetic: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%']);

/** The type of an operation whose operands have theirs. */
export function binaryType(scope: Scope, node: BinaryNode): Type {
  const { left, right, operator } = node;
  if (left.type.kind === 'pointer' || right.type.kind === 'pointer') {
    return pointerOperation(scope, node);
  }
  if (scope.isFinal) checkOperands(scope, node);
  const isShift = operator === '<<' || operator === '>>';
  return integerOf(isSigned(left.type) && (isShift || isSigned(right.type)));
}

function checkOperands(scope: Scope, node: BinaryNode): void {
  const { left, right, operator } = node;
  if (left.type.kind === 'integer' && right.type.kind === 'integer') {
    warnOfSigns(scope, node);
  } else if (left.type.kind !== right.type.kind) {
    const types = `'${typeText(left.type)}' with '${typeText(right.type)}'`;
    const message = `Type mismatch for '${operator}': comparing ${types}`;
    scope.error(spanOf(left.span, right.span), message);
  } else if (operator !== '==' && operator !== '!=') {
    invalidOperation(scope, node);
  }
}

function invalidOperation(scope: Scope, { left, right, operator, span }: BinaryNode): void {
  const types = `${typeText(left.type)}, ${typeText(right.type)}`;
  scope.error(span, `The ${operator} operator can not be used on expressions of types ${types}`);
}

const isComparable = (scope: Scope, node: BinaryNode): boolean =>
  comparisons.has(node.operator) &&
  [node.left, node.right].every(({ type }) => ['pointer', 'integer'].includes(type.kind)) &&
  scope.events.length > 0;

/** Pointers are compared, and no more: they point to nothing here. */
function pointerOperation(scope: Scope, node: BinaryNode): Type {
  if (!isComparable(scope, node)) invalidOperation(scope, node);
  return UINT64;
}

function warnOfSigns(scope: Scope, { left, right, operator, span }: BinaryNode): void {
  let isLeft = isSigned(left.type);
  let isRight = isSigned(right.type);
  if (isLeft !== isRight) {
    // A literal that is not negative is of either sign.
    if (isLeft && isNotNegative(scope, left)) isLeft = false;
    else if (isRight && isNotNegative(scope, right)) isRight = false;
    else if (comparisons.has(operator) || arithmetic.has(operator)) {
      const what = comparisons.has(operator) ? 'comparison of' : 'arithmetic on';
      const types = `'${typeText(left.type)}' and '${typeText(right.type)}'`;
      const message = `${what} integers of different signs: ${types} can lead to undefined behavior`;
      scope.warn(span, message);
    }
  }
  if (operator !== '/' && operator !== '%') return;
  if (isLeft && isNotNegative(scope, left)) isLeft = false;
  if (isRight && isNotNegative(scope, right)) isRight = false;
  if (!isLeft && !isRight) return;
  scope.warn(
    span,
    `signed operands for '${operator}' can lead to undefined behavior ` +
      '(cast to unsigned to silence warning)',
  );
}

function isNotNegative({ parameters }: Scope, node: Expression): boolean {
  if (node.kind === 'integer') return node.value >= 0;
  if (node.kind !== 'parameter' || node.number === undefined) return false;
  return (parameters.integer(node.number) ?? 0) >= 0;
}

/** The type of a unary operation whose operand has its. */
export function unaryType(scope: Scope, { operator, operand, span }: UnaryNode): Type {
  const { type } = operand;
  if (scope.isFinal && type.kind !== 'integer') {
    const message = `The ${operator} operator can not be used on expressions of type '${typeText(type)}'`;
    scope.error(span, message);
  }
  if (operator !== '!') return integerOf(isSigned(type));
  return type.kind === 'integer' ? { ...type, isSigned: false } : NONE;
}
