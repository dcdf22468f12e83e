import { negate } from '../values/int64.js';
import type {
  BinaryOperator,
  CallNode,
  Expression,
  MapNode,
  UnaryOperator,
  VariableNode,
} from './ast.js';
import { SyntaxFault } from './diagnostic.js';
import { spanOf } from './span.js';
import type { TokenStream } from './tokenStream.js';
import { castTypes, NONE } from './types.js';

/** Binary operators from the loosest, each row binding alike. */
const precedences: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

/** What may be a field's name besides identifiers. */
export const nameKinds = ['identifier', 'builtin', 'call'] as const;

/** @throws SyntaxFault */
export function parseExpression(tokens: TokenStream): Expression {
  const start = tokens.peek().span;
  const condition = parseBinary(tokens, 0);
  if (tokens.takeIf('?') === undefined) return condition;
  const left = parseExpression(tokens);
  tokens.expect(':');
  const right = parseExpression(tokens);
  const span = tokens.spanFrom(start);
  return { kind: 'ternary', condition, left, right, span, type: NONE };
}

function parseBinary(tokens: TokenStream, level: number): Expression {
  const operators = precedences[level];
  if (operators === undefined) return parseUnary(tokens);
  let left = parseBinary(tokens, level + 1);
  for (;;) {
    const token = tokens.takeIf(...operators);
    if (token === undefined) return left;
    const right = parseBinary(tokens, level + 1);
    const operator = token.kind as BinaryOperator;
    // Messages about an operation are at its operator.
    left = { kind: 'binary', operator, left, right, span: token.span, type: NONE };
  }
}

function parseUnary(tokens: TokenStream): Expression {
  const { kind, span } = tokens.peek();
  if (kind === '++' || kind === '--') {
    tokens.take();
    const operand = parseMapOrVariable(tokens);
    if (operand === undefined) {
      const message = `The ${kind} operator must be applied to a map or variable`;
      throw new SyntaxFault(span, message);
    }
    return { kind: 'unary', operator: kind, operand, isPostfix: false, span, type: NONE };
  }
  if (kind === '-' && tokens.peek(1).kind === 'integer') return parseNegative(tokens);
  if (kind === '-' || kind === '!' || kind === '~') {
    tokens.take();
    const operator: UnaryOperator = kind;
    const operand = parseUnary(tokens);
    return { kind: 'unary', operator, operand, isPostfix: false, span, type: NONE };
  }
  if (kind === '*') throw new SyntaxFault(span, 'pointers cannot be dereferenced here');
  return parseCast(tokens) ?? parsePostfix(tokens);
}

function parseNegative(tokens: TokenStream): Expression {
  const minus = tokens.take();
  const { value } = tokens.take();
  return { kind: 'integer', value: negate(value), span: tokens.spanFrom(minus.span), type: NONE };
}

function parseCast(tokens: TokenStream): Expression | undefined {
  const isCast =
    tokens.is('(') && tokens.peek(1).kind === 'identifier' && tokens.peek(2).kind === ')';
  const to = isCast ? castTypes.get(tokens.peek(1).text) : undefined;
  if (to === undefined) return undefined;
  const open = tokens.take();
  tokens.take();
  const close = tokens.take();
  const operand = parseUnary(tokens);
  return { kind: 'cast', to, operand, span: spanOf(open.span, close.span), type: NONE };
}

function parsePostfix(tokens: TokenStream): Expression {
  let expression = parsePrimary(tokens);
  for (;;) {
    const token = tokens.takeIf('->', '.');
    if (token === undefined) return expression;
    const name = tokens.takeIf(...nameKinds) ?? tokens.fail();
    const span = spanOf(expression.span, name.span);
    expression = { kind: 'member', object: expression, field: name.text, span, type: NONE };
  }
}

function parsePrimary(tokens: TokenStream): Expression {
  const target = parseMapOrVariable(tokens);
  if (target !== undefined) return parseIncrement(tokens, target);
  const { kind, text, value, span } = tokens.peek();
  switch (kind) {
    case 'integer':
      tokens.take();
      return { kind, value, span, type: NONE };
    case 'string':
      tokens.take();
      return { kind, value: text, span, type: NONE };
    case 'identifier':
    case 'builtin':
      tokens.take();
      if (tokens.is('(')) throw new SyntaxFault(span, `Unknown function: ${text}`);
      return { kind, name: text, span, type: NONE };
    case 'call':
      return parseCall(tokens);
    case 'positional parameter':
      tokens.take();
      return { kind: 'parameter', number: Number(text.slice(1)), span, type: NONE };
    case '$#':
      tokens.take();
      return { kind: 'parameter', number: undefined, span, type: NONE };
    case '(': {
      tokens.take();
      const expression = parseExpression(tokens);
      if (tokens.is(',')) throw new SyntaxFault(tokens.peek().span, 'tuples are not known here');
      if (tokens.takeIf(')') === undefined) tokens.fail(')', ',');
      return expression;
    }
    default:
      return tokens.fail();
  }
}

function parseIncrement(tokens: TokenStream, operand: MapNode | VariableNode): Expression {
  const token = tokens.takeIf('++', '--');
  if (token === undefined) return operand;
  const operator = token.kind as UnaryOperator;
  return { kind: 'unary', operator, operand, isPostfix: true, span: token.span, type: NONE };
}

function parseMapOrVariable(tokens: TokenStream): MapNode | VariableNode | undefined {
  const token = tokens.takeIf('map', 'variable');
  if (token === undefined) return undefined;
  const { kind, text: name, span } = token;
  if (kind === 'variable') return { kind, name, span, type: NONE };
  if (tokens.takeIf('[') === undefined) {
    return { kind: 'map', name, keys: undefined, span, type: NONE };
  }
  const keys = parseList(tokens, ']');
  return { kind: 'map', name, keys, span: tokens.spanFrom(span), type: NONE };
}

function parseCall(tokens: TokenStream): CallNode {
  const { text: name, span } = tokens.take();
  tokens.expect('(');
  const args = tokens.takeIf(')') === undefined ? parseList(tokens, ')') : [];
  return { kind: 'call', name, args, span: tokens.spanFrom(span), type: NONE };
}

/** Expressions between commas, and the sign that ends them. */
function parseList(tokens: TokenStream, close: string): Expression[] {
  const list = [parseExpression(tokens)];
  while (tokens.takeIf(',') !== undefined) list.push(parseExpression(tokens));
  if (tokens.takeIf(close) === undefined) tokens.fail(close, ',');
  return list;
}
