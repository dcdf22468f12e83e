import type {
  ArithmeticOperator,
  AttachPointNode,
  Expression,
  IfNode,
  PredicateNode,
  ProbeNode,
  Statement,
  UnrollNode,
} from './ast.js';
import { BpftraceError, type SourceText, SyntaxFault } from './diagnostic.js';
import { nameKinds, parseExpression } from './expressions.js';
import { spanOf } from './span.js';
import { TokenStream } from './tokenStream.js';
import { NONE } from './types.js';

/** @throws BpftraceError */
export function parseProgram(source: SourceText): readonly ProbeNode[] {
  const tokens = new TokenStream(source.text);
  try {
    const probes = [parseProbe(tokens)];
    while (!tokens.is('end of file')) probes.push(parseProbe(tokens));
    return probes;
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    const { span, message } = error;
    throw new BpftraceError(source, [{ severity: 'ERROR', span, message }]);
  }
}

function parseProbe(tokens: TokenStream): ProbeNode {
  const attachPoints = [parseAttachPoint(tokens)];
  while (tokens.takeIf(',') !== undefined) attachPoints.push(parseAttachPoint(tokens));
  if (tokens.is('end of file')) {
    const span = spanOf(attachPoints[0]!.span, tokens.peek().span);
    throw new SyntaxFault(span, 'unexpected end of file, expected {');
  }
  const predicate = parsePredicate(tokens);
  return { attachPoints, predicate, body: parseBlock(tokens) };
}

const attachPointKinds = [
  ...nameKinds,
  ...['path', 'integer', ':', '.', '+', '*', '[', ']', 'positional parameter', 'string'],
];

/** Pieces up to what cannot belong to one; its span begins where the last token ended, as bpftrace's. */
function parseAttachPoint(tokens: TokenStream): AttachPointNode {
  const begin = tokens.end;
  let text = '';
  for (;;) {
    const token = tokens.takeIf(...attachPointKinds);
    if (token === undefined) return { text, span: { begin, end: tokens.end } };
    text += token.kind === 'integer' ? String(token.value) : token.text;
  }
}

function parsePredicate(tokens: TokenStream): PredicateNode | undefined {
  const open = tokens.takeIf('/');
  if (open === undefined) return undefined;
  const expression = parseExpression(tokens);
  const close = tokens.expect('end predicate');
  return { expression, span: spanOf(open.span, close.span) };
}

function parseBlock(tokens: TokenStream): readonly Statement[] {
  tokens.expect('{');
  const statements: Statement[] = [];
  while (tokens.takeIf('}') === undefined) {
    const block = parseBlockStatement(tokens);
    if (block !== undefined) {
      statements.push(block);
      continue;
    }
    statements.push(parseSimpleStatement(tokens));
    if (tokens.takeIf(';') === undefined && !tokens.is('}')) tokens.fail('}');
  }
  return statements;
}

function parseBlockStatement(tokens: TokenStream): IfNode | UnrollNode | undefined {
  const { kind, span } = tokens.peek();
  if (kind === 'if') return parseIf(tokens);
  if (kind === 'while' || kind === 'for') throw new SyntaxFault(span, 'loops are not known here');
  if (kind !== 'unroll') return undefined;
  tokens.take();
  const count = parseCondition(tokens);
  const head = tokens.spanFrom(span);
  return { kind, count, body: parseBlock(tokens), span: head };
}

function parseIf(tokens: TokenStream): IfNode {
  const { span } = tokens.expect('if');
  const condition = parseCondition(tokens);
  const then = parseBlock(tokens);
  return { kind: 'if', condition, then, otherwise: parseElse(tokens), span };
}

function parseElse(tokens: TokenStream): readonly Statement[] {
  if (tokens.takeIf('else') === undefined) return [];
  if (tokens.is('if')) return [parseIf(tokens)];
  return tokens.is('{') ? parseBlock(tokens) : tokens.fail('{', 'if');
}

function parseCondition(tokens: TokenStream): Expression {
  tokens.expect('(');
  const condition = parseExpression(tokens);
  tokens.expect(')');
  return condition;
}

/** What a statement may begin with. */
const statementKinds = [
  ...nameKinds,
  ...['map', 'variable', 'integer', 'string', 'positional parameter', '$#'],
  ...['(', '++', '--', '-', '!', '~', '*'],
];

function parseSimpleStatement(tokens: TokenStream): Statement {
  const { kind, span } = tokens.peek();
  if (kind === 'return') {
    tokens.take();
    return { kind, span };
  }
  if (!statementKinds.includes(kind)) tokens.fail('}');
  const expression = parseExpression(tokens);
  if (expression.kind !== 'map' && expression.kind !== 'variable') {
    return { kind: 'expression', expression, span: expression.span };
  }
  return parseAssignment(tokens, expression);
}

const compoundOperators = ['<<=', '>>=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^='];

function parseAssignment(
  tokens: TokenStream,
  target: Extract<Expression, { kind: 'map' | 'variable' }>,
): Statement {
  const token = tokens.takeIf('=', ...compoundOperators);
  if (token === undefined) return { kind: 'expression', expression: target, span: target.span };
  const value = parseExpression(tokens);
  if (token.kind === '=') return { kind: 'assign', target, value, span: token.span };
  const operator = token.kind.slice(0, -1) as ArithmeticOperator;
  const sum: Expression = {
    kind: 'binary',
    operator,
    left: target,
    right: value,
    span: token.span,
    type: NONE,
  };
  return { kind: 'assign', target, value: sum, span: tokens.spanFrom(target.span) };
}
