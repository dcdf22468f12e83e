import { memberType } from '../check/members.js';
import type {
  BuiltinNode,
  CastNode,
  Expression,
  MapNode,
  MemberNode,
  ParameterNode,
  TernaryNode,
  UnaryNode,
} from '../language/ast.js';
import { isSigned, type Type } from '../language/types.js';
import { add, type Int64, invert, negate, truncate } from '../values/int64.js';
import type { Value } from '../values/state.js';
import { compileCall } from './calls.js';
import type { Evaluate, Frame } from './frame.js';
import { compileKeys } from './keys.js';
import { compileBinary } from './operators.js';
import { mapOf, slotOf, type Unit } from './unit.js';

export function compileExpression(unit: Unit, node: Expression): Evaluate {
  switch (node.kind) {
    case 'integer':
    case 'string':
      return constant(node.value);
    case 'builtin':
      return compileBuiltin(unit, node);
    case 'identifier':
      throw new TypeError(`${node.name}: no identifier is known`);
    case 'parameter':
      return compileParameter(unit, node);
    case 'map':
      return compileLookup(unit, node);
    case 'variable': {
      const slot = slotOf(unit, node.name);
      return ({ variables }) => variables[slot] ?? emptyOf(node.type);
    }
    case 'member':
      return compileMember(unit, node);
    case 'unary':
      return compileUnary(unit, node);
    case 'binary': {
      const { operator, left, right } = node;
      const signed = isSigned(left.type) && isSigned(right.type);
      return compileBinary(
        operator,
        compileExpression(unit, left),
        compileExpression(unit, right),
        signed,
      );
    }
    case 'ternary':
      return compileTernary(unit, node);
    case 'cast':
      return compileCast(unit, node);
    case 'call':
      return compileCall(unit, node, (argument) => compileExpression(unit, argument));
  }
}

const constant =
  (value: Value): Evaluate =>
  () =>
    value;

/** What a map or a variable of `type` has before it is assigned. */
const emptyOf = ({ kind }: Type): Value =>
  kind === 'string' || kind === 'probe' || kind === 'timestamp' ? '' : 0;

function compileBuiltin({ surface }: Unit, { name }: BuiltinNode): Evaluate {
  switch (name) {
    case 'comm':
      return ({ site }) => site.comm();
    case 'cpu':
      return ({ site }) => site.cpu;
    case 'elapsed':
      return ({ site }) => site.timeNs - surface.startNs;
    case 'nsecs':
      return ({ site }) => site.timeNs;
    case 'pid':
    case 'tid':
      return ({ site }) => site.pid;
    case 'probe':
      return ({ site }) => site.probe;
    default:
      // `args` as such is no value: its members are.
      return constant(0);
  }
}

function compileParameter({ parameters }: Unit, { number }: ParameterNode): Evaluate {
  return constant(number === undefined ? parameters.count : parameters.integer(number)!);
}

function compileLookup(unit: Unit, node: MapNode): Evaluate {
  const { entries } = mapOf(unit, node.name);
  const { key } = compileKeys(node, (part) => compileExpression(unit, part));
  const empty = emptyOf(node.type);
  return (frame) => (entries.get(key(frame))?.state as Value | undefined) ?? empty;
}

function compileMember({ event }: Unit, { field }: MemberNode): Evaluate {
  const name = event?.fields.find(({ member }) => member === field)?.name;
  // Members that the print format leaves out point to structs that the emulator does not have.
  if (event === undefined || name === undefined) return constant(0);
  if (isSigned(memberType(event, field)!)) return ({ site }) => site.fields[name]!;
  return ({ site }) => site.fields[name]! >>> 0;
}

function compileUnary(unit: Unit, node: UnaryNode): Evaluate {
  const { operator, operand } = node;
  if (operator === '++' || operator === '--') return compileIncrement(unit, node);
  const value = compileExpression(unit, operand) as (frame: Frame) => Int64;
  switch (operator) {
    case '!':
      return (frame) => (value(frame) === 0 ? 1 : 0);
    case '~':
      return (frame) => invert(value(frame));
    case '-':
      return (frame) => negate(value(frame));
  }
}

function compileIncrement(unit: Unit, { operator, operand, isPostfix }: UnaryNode): Evaluate {
  const step = operator === '++' ? 1 : -1;
  const read = compileExpression(unit, operand) as (frame: Frame) => Int64;
  const write = compileStore(unit, operand);
  return (frame) => {
    const before = read(frame);
    const after = add(before, step);
    write(frame, after);
    return isPostfix ? before : after;
  };
}

/** Puts a value into a map or a variable. */
export function compileStore(unit: Unit, target: Expression): (frame: Frame, value: Value) => void {
  if (target.kind === 'variable') {
    const slot = slotOf(unit, target.name);
    return (frame, value) => {
      frame.variables[slot] = value;
    };
  }
  if (target.kind !== 'map') throw new TypeError(`${target.kind}: expected a map or a variable`);
  const { entries } = mapOf(unit, target.name);
  const { key, parts } = compileKeys(target, (part) => compileExpression(unit, part));
  return (frame, value) => {
    const found = key(frame);
    const entry = entries.get(found);
    if (entry === undefined) entries.set(found, { key: parts(frame), state: value });
    else entry.state = value;
  };
}

function compileTernary(unit: Unit, { condition, left, right }: TernaryNode): Evaluate {
  const test = compileExpression(unit, condition);
  const yes = compileExpression(unit, left);
  const no = compileExpression(unit, right);
  return (frame) => (test(frame) === 0 ? no(frame) : yes(frame));
}

function compileCast(unit: Unit, { operand, to }: CastNode): Evaluate {
  const value = compileExpression(unit, operand) as (frame: Frame) => Int64;
  if (to.kind !== 'integer') return value;
  return (frame) => truncate(value(frame), to.bytes, to.isSigned);
}
