import type {
  BuiltinNode,
  CallNode,
  CastNode,
  Expression,
  MapNode,
  MemberNode,
  ParameterNode,
  StringNode,
  TernaryNode,
} from '../language/ast.js';
import type { Span } from '../language/span.js';
import {
  COMM_BYTES,
  INT64,
  integerOf,
  isAggregate,
  isSigned,
  NONE,
  PROBE,
  STRING_BYTES,
  stringOf,
  type Type,
  typeText,
  UINT64,
} from '../language/types.js';
import { knownBuiltins } from '../language/words.js';
import { type CallUse, callType } from './calls.js';
import { commonFields, memberType, structName } from './members.js';
import { binaryType, unaryType } from './operators.js';
import type { Scope } from './scope.js';

/** Gives `node` its type and says what is wrong in it. */
export function checkExpression(scope: Scope, node: Expression, use: CallUse = 'none'): Type {
  node.type = typeOf(scope, node, use);
  return node.type;
}

function typeOf(scope: Scope, node: Expression, use: CallUse): Type {
  switch (node.kind) {
    case 'integer':
      return INT64;
    case 'string':
      return stringType(scope, node);
    case 'builtin':
      return builtinType(scope, node);
    case 'identifier':
      scope.error(node.span, `Unknown identifier: '${node.name}'`);
      return NONE;
    case 'parameter':
      return parameterType(scope, node);
    case 'map':
      return mapType(scope, node, true);
    case 'variable':
      return scope.variables.get(node.name) ?? undefinedVariable(scope, node.name, node.span);
    case 'member':
      return checkMember(scope, node);
    case 'unary':
      if (isIncrement(node.operator) && node.operand.kind === 'map') {
        assignMap(scope, node.operand, INT64);
      }
      checkExpression(scope, node.operand);
      return unaryType(scope, node);
    case 'binary':
      checkExpression(scope, node.left);
      checkExpression(scope, node.right);
      return binaryType(scope, node);
    case 'ternary':
      return ternaryType(scope, node);
    case 'cast':
      return castType(scope, node);
    case 'call':
      checkArguments(scope, node);
      return callType(scope, node, use);
  }
}

const isIncrement = (operator: string): boolean => operator === '++' || operator === '--';

function undefinedVariable(scope: Scope, name: string, span: Span): Type {
  scope.error(span, `Undefined or undeclared variable: ${name}`);
  return NONE;
}

function stringType(scope: Scope, { value, span }: StringNode): Type {
  if (value.length >= STRING_BYTES) {
    scope.error(span, `String is too long (over ${STRING_BYTES} bytes): ${value}`);
  }
  return stringOf(value.length + 1);
}

function builtinType(scope: Scope, { name, span }: BuiltinNode): Type {
  switch (name) {
    case 'comm':
      return stringOf(COMM_BYTES);
    case 'probe':
      return PROBE;
    case 'args':
      return contextType(scope, span);
    default:
      if (knownBuiltins.includes(name)) return UINT64;
      scope.error(span, `${name} is not known here: there are ${knownBuiltins.join(', ')}`);
      return NONE;
  }
}

/** What messages call the kinds of probes that have no arguments. */
const kindNames = { BEGIN: 'special', END: 'special', interval: 'interval' } as const;

function contextType(scope: Scope, span: Span): Type {
  const [event] = scope.events;
  const other = scope.targets.find(({ kind }) => kind !== 'tracepoint');
  if (event !== undefined && other === undefined) {
    return { kind: 'pointer', to: structName(event), isContext: true };
  }
  const kinds = new Set(scope.targets.map(({ kind }) => kind));
  const found =
    kinds.size === 1 && other !== undefined ? kindNames[other.kind as 'BEGIN'] : 'invalid';
  scope.error(
    span,
    `The args builtin can only be used with tracepoint/kfunc/uprobeprobes (${found} used here)`,
  );
  return NONE;
}

function parameterType(scope: Scope, { number, span }: ParameterNode): Type {
  if (number === undefined) return INT64;
  if (number === 0) scope.error(span, 'param $0 is out of integer range [1, 9223372036854775807]');
  if (scope.isFinal && scope.parameters.integer(number) === undefined) {
    const given = JSON.stringify(scope.parameters.text(number));
    const advice = `Try using str($${number}).`;
    scope.error(span, `$${number} used numerically but given ${given}. ${advice}`);
  }
  return INT64;
}

function checkMember(scope: Scope, { object, field, span }: MemberNode): Type {
  const type = checkExpression(scope, object);
  if (type.kind !== 'pointer' || !type.isContext) {
    if (scope.isFinal) {
      const message = `Can not access field '${field}' on expression of type '${typeText(type)}'`;
      scope.error(span, message);
    }
    return NONE;
  }
  if (commonFields.includes(field)) {
    scope.error(span, 'BPF does not support accessing common tracepoint fields');
    return NONE;
  }
  let found: Type = NONE;
  for (const event of scope.events) {
    const type = memberType(event, field);
    if (type !== undefined) found = type;
    else {
      const struct = `Struct/union of type '${structName(event)}'`;
      scope.error(span, `${struct} does not contain a field named '${field}'`);
    }
  }
  return found;
}

function ternaryType(scope: Scope, { condition, left, right, span }: TernaryNode): Type {
  const { kind } = checkExpression(scope, condition);
  const type = checkExpression(scope, left);
  const other = checkExpression(scope, right);
  if (scope.isFinal && type.kind !== other.kind) {
    const kinds = `have '${type.kind}' and '${other.kind}'`;
    scope.error(span, `Ternary operator must return the same type: ${kinds}`);
  }
  if (scope.isFinal && kind !== 'integer') {
    scope.error(span, `Invalid condition in ternary: ${kind}`);
  }
  if (type.kind === 'string') return stringOf(STRING_BYTES);
  if (type.kind === 'integer') return integerOf(isSigned(type));
  if (type.kind !== 'none') scope.error(span, `Ternary return type unsupported ${type.kind}`);
  return NONE;
}

function castType(scope: Scope, { operand, to, span }: CastNode): Type {
  const type = checkExpression(scope, operand);
  if (type.kind === 'none') scope.error(span, 'Cannot cast from "none" type');
  else if (type.kind !== 'integer' && type.kind !== 'pointer') {
    scope.error(span, `Casts are not supported for type: "${typeText(type)}"`);
  }
  return to;
}

/** Functions that are about a map as a whole, whatever its keys. */
const wholeMapCalls: readonly string[] = ['print', 'clear', 'zero'];

function checkArguments(scope: Scope, { name, args }: CallNode): void {
  for (const arg of args) {
    if (arg.kind === 'map' && wholeMapCalls.includes(name)) arg.type = mapType(scope, arg, false);
    // `str($1)` takes the text, which need not be a number; a format is no value of the program's.
    else if (arg.kind === 'parameter' && name === 'str') arg.type = INT64;
    else if (arg.kind === 'string' && name === 'printf' && arg === args[0]) arg.type = stringOf(1);
    else checkExpression(scope, arg);
  }
}

function mapType(scope: Scope, node: MapNode, hasItsKeys: boolean): Type {
  const keys = (node.keys ?? []).map((key) => keyType(scope, key, node.span));
  if (hasItsKeys && !scope.isFirst) checkKeys(scope, node, keys);
  const type = scope.mapTypes.get(node.name);
  if (type === undefined && scope.isFinal) scope.error(node.span, `Undefined map: ${node.name}`);
  return type ?? NONE;
}

function keyType(scope: Scope, key: Expression, mapSpan: Span): Type {
  const type = checkExpression(scope, key, 'key');
  // Without their signs, so that maps of either sign can be looked up.
  if (type.kind === 'integer') return UINT64;
  if (type.kind === 'pointer' && type.isContext) {
    scope.error(mapSpan, 'context cannot be used as a map key');
  } else if (isAggregate(type)) {
    scope.error(mapSpan, `a ${type.kind} cannot be used as a map key`);
  } else if (type.kind === 'none' && scope.isFinal) {
    scope.error(key.span, 'Invalid expression for assignment: ');
  }
  return type;
}

function checkKeys(scope: Scope, { name, span }: MapNode, keys: readonly Type[]): void {
  const known = scope.mapKeys.get(name);
  if (known === undefined) scope.mapKeys.set(name, keys);
  else if (known.length === keys.length && known.every(({ kind }, i) => kind === keys[i]!.kind)) {
    scope.mapKeys.set(
      name,
      known.map((key, i) => wider(key, keys[i]!)),
    );
  } else {
    scope.error(
      span,
      `Argument mismatch for ${name}: trying to access with arguments: ${listText(keys)} ` +
        `when map expects arguments: ${listText(known)}`,
    );
  }
}

/** Of two strings the one with more room. */
function wider(a: Type, b: Type): Type {
  return a.kind === 'string' && b.kind === 'string' && b.bytes > a.bytes ? b : a;
}

const listText = (types: readonly Type[]): string => `[${types.map(typeText).join(', ')}]`;

/** A value of `type` goes into the map. */
export function assignMap(scope: Scope, { name, span }: MapNode, type: Type): void {
  const known = scope.mapTypes.get(name);
  if (known === undefined) {
    scope.mapTypes.set(name, type.kind === 'integer' ? integerOf(type.isSigned) : type);
  } else if (known.kind === 'none') {
    if (scope.isFinal) scope.error(span, `Undefined map: ${name}`);
    else scope.mapTypes.set(name, type);
  } else if (known.kind !== type.kind) {
    scope.error(
      span,
      `Type mismatch for ${name}: trying to assign value of type '${typeText(type)}' ` +
        // Without the quote at the end, as bpftrace has it.
        `when map already contains a value of type '${typeText(known)}`,
    );
  } else scope.mapTypes.set(name, wider(known, type));
}
