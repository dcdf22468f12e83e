import type { CallNode, Expression } from '../language/ast.js';
import {
  INT64,
  isSigned,
  NONE,
  STRING_BYTES,
  stringOf,
  TIMESTAMP,
  type Type,
  type TypeKind,
} from '../language/types.js';
import { knownCalls } from '../language/words.js';
import { formatFault } from '../output/printf.js';
import { type Int64, subtract } from '../values/int64.js';
import type { Scope } from './scope.js';

/** What the value of a call is for. */
export type CallUse = 'map' | 'variable' | 'key' | 'none';

/** The type of a call whose arguments have theirs. */
export function callType(scope: Scope, call: CallNode, use: CallUse): Type {
  const check = checks[call.name];
  if (check !== undefined) return check(new CallCheck(scope, call, use));
  scope.error(call.span, `${call.name}() is not known here: there are ${knownCalls.join(', ')}`);
  return NONE;
}

/** The rules that calls share. */
class CallCheck {
  readonly scope: Scope;
  readonly call: CallNode;
  readonly #use: CallUse;

  constructor(scope: Scope, call: CallNode, use: CallUse) {
    this.scope = scope;
    this.call = call;
    this.#use = use;
  }

  error(message: string): false {
    this.scope.error(this.call.span, message);
    return false;
  }

  mustBeForMap(): void {
    if (this.#use !== 'map') this.error(`${this.call.name}() should be directly assigned to a map`);
  }

  mustBeStatement(): void {
    if (this.#use === 'none') return;
    this.error(`${this.call.name}() should not be used in an assignment or as a map key`);
  }

  hasArguments(least: number, most = least): boolean {
    const { name, args } = this.call;
    const given = `(${args.length} provided)`;
    if (args.length >= least && args.length <= most) return true;
    // bpftrace takes strftime's two arguments for a least and a most.
    if (least === most && name !== 'strftime') {
      return this.error(`${name}() requires ${countText(least)} ${given}`);
    }
    if (args.length < least) {
      return this.error(`${name}() requires at least ${countText(least)} ${given}`);
    }
    return this.error(`${name}() takes up to ${countText(most)} ${given}`);
  }

  isOf(kind: TypeKind, index: number): boolean {
    const { type } = this.call.args[index]!;
    if (!this.scope.isFinal || type.kind === kind) return true;
    const { name } = this.call;
    return this.error(`${name}() only supports ${kind} arguments (${type.kind} provided)`);
  }

  isLiteral(kind: 'integer' | 'string', index: number): boolean {
    const arg = this.call.args[index]!;
    const isLiteral = arg.kind === kind || (arg.kind === 'parameter' && kind === 'integer');
    if (isLiteral) return true;
    return this.error(`${this.call.name}() expects a ${kind} literal (${arg.type.kind} provided)`);
  }

  /** The one argument is a map as a whole. */
  isWholeMap(): boolean {
    const { name, args } = this.call;
    const [arg] = args;
    if (arg?.kind !== 'map') return this.error(`${name}() expects a map to be provided`);
    if (arg.keys === undefined) return true;
    return this.error(`The map passed to ${name}() should not be indexed by a key`);
  }
}

function countText(count: number): string {
  if (count === 0) return 'no arguments';
  return count === 1 ? 'one argument' : `${count} arguments`;
}

/** Functions of one number that is kept in a map. */
const aggregation =
  (typeOf: (argument: Type) => Type) =>
  (check: CallCheck): Type => {
    check.mustBeForMap();
    if (!check.hasArguments(1) || !check.isOf('integer', 0)) return typeOf(INT64);
    return typeOf(check.call.args[0]!.type);
  };

const onMap = (check: CallCheck): Type => {
  check.mustBeStatement();
  if (check.hasArguments(1)) check.isWholeMap();
  return NONE;
};

const checks: Readonly<Record<string, (check: CallCheck) => Type>> = {
  count: (check) => {
    check.mustBeForMap();
    check.hasArguments(0);
    return { kind: 'count' };
  },
  sum: aggregation((type) => ({ kind: 'sum', isSigned: isSigned(type) })),
  min: aggregation((type) => ({ kind: 'min', isSigned: isSigned(type) })),
  max: aggregation((type) => ({ kind: 'max', isSigned: isSigned(type) })),
  avg: aggregation(() => ({ kind: 'avg' })),
  stats: aggregation(() => ({ kind: 'stats' })),
  hist: aggregation(() => ({ kind: 'hist' })),
  lhist: checkLhist,
  clear: onMap,
  zero: onMap,
  delete: (check) => {
    check.mustBeStatement();
    if (check.hasArguments(1) && check.call.args[0]!.kind !== 'map') {
      check.error('delete() expects a map to be provided');
    }
    return NONE;
  },
  print: checkPrint,
  printf: checkPrintf,
  exit: (check) => {
    check.mustBeStatement();
    check.hasArguments(0);
    return NONE;
  },
  time: (check) => {
    check.mustBeStatement();
    if (check.hasArguments(0, 1) && check.call.args.length > 0) check.isLiteral('string', 0);
    return NONE;
  },
  strftime: (check) => {
    if (check.hasArguments(2) && check.isLiteral('string', 0)) check.isOf('integer', 1);
    return TIMESTAMP;
  },
  str: (check) => {
    if (check.hasArguments(1) && check.call.args[0]!.kind !== 'parameter') {
      check.error('str() is for positional parameters here: str($1)');
    }
    return stringOf(STRING_BYTES);
  },
};

function checkLhist(check: CallCheck): Type {
  const { scope, call } = check;
  check.mustBeForMap();
  const isWhole = check.hasArguments(4) && check.isOf('integer', 0);
  const areLiteral = isWhole && [1, 2, 3].every((index) => check.isLiteral('integer', index));
  if (!areLiteral || !scope.isFinal) return { kind: 'lhist' };
  const [min, max, step] = call.args.slice(1).map((arg) => literalOf(scope, arg));
  const range = subtract(max!, min!);
  if (step! <= 0) check.error(`lhist() step must be >= 1 (${step} provided)`);
  else if (Number(range) / Number(step) > 1000) {
    const buckets = Math.trunc(Number(range) / Number(step));
    check.error(`lhist() too many buckets, must be <= 1000 (would need ${buckets})`);
  }
  if (min! < 0) check.error(`lhist() min must be non-negative (provided min ${min})`);
  if (min! > max!) {
    check.error(`lhist() min must be less than max (provided min ${min} and max ${max})`);
  }
  if (range < step!) {
    const given = `provided step ${step} for range ${range}`;
    check.error(`lhist() step is too large for the given range (${given})`);
  }
  return { kind: 'lhist' };
}

/** What a literal or a positional parameter is. */
export function literalOf({ parameters }: Pick<Scope, 'parameters'>, node: Expression): Int64 {
  if (node.kind === 'integer') return node.value;
  if (node.kind !== 'parameter') return 0;
  return node.number === undefined ? parameters.count : (parameters.integer(node.number) ?? 0);
}

const printable: ReadonlySet<TypeKind> = new Set([
  ...(['integer', 'string', 'pointer', 'probe', 'timestamp'] as const),
]);

function checkPrint(check: CallCheck): Type {
  const { scope, call } = check;
  check.mustBeStatement();
  if (!check.hasArguments(1, 3)) return NONE;
  const [arg] = call.args;
  if (arg!.kind === 'map') {
    if (check.isWholeMap() && scope.isFinal) checkTopAndDivisor(check, arg!.type);
  } else if (printable.has(arg!.type.kind)) {
    if (call.args.length > 1) {
      check.error(`Non-map print() only takes 1 argument, ${call.args.length} found`);
    }
  } else if (scope.isFinal) {
    check.error(`${arg!.type.kind} type passed to print() is not printable`);
  }
  return NONE;
}

function checkTopAndDivisor(check: CallCheck, type: Type): void {
  const { scope, call } = check;
  const more = call.args.length - 1;
  for (let index = 1; index <= more; index++) check.isLiteral('integer', index);
  if (type.kind !== 'stats' || more === 0) return;
  scope.warn(call.span, "print()'s top and div arguments are ignored when used on stats() maps.");
}

function checkPrintf(check: CallCheck): Type {
  const { scope, call } = check;
  check.mustBeStatement();
  if (!check.hasArguments(1, 128) || !check.isLiteral('string', 0) || !scope.isFinal) return NONE;
  const [format, ...args] = call.args;
  const types = args.map(({ type }) => type.kind);
  const fault = format!.kind === 'string' ? formatFault(format!.value, types) : undefined;
  if (fault !== undefined) check.error(`printf: ${fault}`);
  return NONE;
}
