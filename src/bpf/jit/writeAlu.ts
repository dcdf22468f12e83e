import type { PlainOp } from '../../wasm/opcodes.js';
import type { Insn } from '../isa/decode.js';
import type { AluOp, Condition, SemanticsOf, Width } from '../isa/insn.js';
import type { FunctionContext } from './functionContext.js';

/** Operations that WebAssembly has as they are; its shifts mask their counts as RFC 9669 section 4.1 asks. */
const direct = {
  add: 'add',
  sub: 'sub',
  mul: 'mul',
  or: 'or',
  and: 'and',
  xor: 'xor',
  lsh: 'shl',
  rsh: 'shr_u',
  arsh: 'shr_s',
} as const;
const division = { div: 'div_u', sdiv: 'div_s', mod: 'rem_u', smod: 'rem_s' } as const;
const comparison = {
  eq: 'eq',
  ne: 'ne',
  gt: 'gt_u',
  ge: 'ge_u',
  lt: 'lt_u',
  le: 'le_u',
  sgt: 'gt_s',
  sge: 'ge_s',
  slt: 'lt_s',
  sle: 'le_s',
} as const;
const opposite: Readonly<Record<Exclude<Condition, 'set'>, Exclude<Condition, 'set'>>> = {
  eq: 'ne',
  ne: 'eq',
  gt: 'le',
  ge: 'lt',
  lt: 'ge',
  le: 'gt',
  sgt: 'sle',
  sge: 'slt',
  slt: 'sge',
  sle: 'sgt',
};

const typeOf = (width: Width) => (width === 32 ? 'i32' : 'i64');

export function writeAlu(context: FunctionContext, insn: Insn, does: SemanticsOf<'alu'>): void {
  const { op, width, source } = does;
  if (op === 'mov') pushSource(context, insn, width, source);
  else if (isDivision(op)) pushQuotient(context, insn, does, op);
  else {
    pushWidth(context, insn.dst, width);
    pushSource(context, insn, width, source);
    context.body.op(`${typeOf(width)}.${direct[op]}`);
  }
  popWidth(context, insn.dst, width);
}

export function writeNeg(
  context: FunctionContext,
  { dst }: Insn,
  { width }: SemanticsOf<'neg'>,
): void {
  pushConstant(context, width, 0);
  pushWidth(context, dst, width);
  context.body.op(`${typeOf(width)}.sub`);
  popWidth(context, dst, width);
}

export function writeMovsx(
  context: FunctionContext,
  { dst, src }: Insn,
  { width, fromBits }: SemanticsOf<'movsx'>,
): void {
  pushWidth(context, src, width);
  // The table has no movsx from 32 to 32 bits.
  context.body.op(`${typeOf(width)}.extend${fromBits}_s` as PlainOp);
  popWidth(context, dst, width);
}

/** Pushes whether a conditional jump is taken, or whether it is not. */
export function pushCondition(
  context: FunctionContext,
  insn: Insn,
  { condition, width, source }: SemanticsOf<'jumpIf'>,
  negated: boolean,
): void {
  const type = typeOf(width);
  pushWidth(context, insn.dst, width);
  if (condition === 'set') {
    pushSource(context, insn, width, source);
    context.body.op(`${type}.and`);
    context.body.op(`${type}.eqz`);
    if (!negated) context.body.op('i32.eqz');
    return;
  }
  const compare = negated ? opposite[condition] : condition;
  if (compare === 'eq' && source === 'imm' && insn.imm === 0) {
    context.body.op(`${type}.eqz`);
    return;
  }
  pushSource(context, insn, width, source);
  context.body.op(`${type}.${comparison[compare]}`);
}

/** Section 4.2. The machine is little-endian: `le` only truncates. */
export function writeSwap(
  context: FunctionContext,
  { dst }: Insn,
  { order, bits }: SemanticsOf<'swap'>,
): void {
  if (order === 'le' && bits === 64) return;
  if (bits === 64) {
    pushSwapped64(context, dst);
    context.pop(dst);
    return;
  }
  if (order === 'le') {
    context.push32(dst);
    if (bits === 16) pushAnd(context, 'i32', 0xffff);
  } else if (bits === 16) pushSwapped16(context, dst);
  else pushSwapped32(context, dst);
  context.pop32(dst);
}

function isDivision(op: AluOp): op is keyof typeof division {
  return op in division;
}

/**
 * Section 4.1: division by zero gives 0, modulo zero leaves the dividend. WebAssembly would trap on both, and on the
 * smallest number divided by -1, which here wraps.
 */
function pushQuotient(
  context: FunctionContext,
  insn: Insn,
  { width, source }: SemanticsOf<'alu'>,
  op: keyof typeof division,
): void {
  const { body } = context;
  const type = typeOf(width);
  const divisor = context.scratch(type, 'divisor');
  pushSource(context, insn, width, source);
  body.tee(divisor);
  body.op(`${type}.eqz`);
  body.if(type);
  if (op === 'div' || op === 'sdiv') pushConstant(context, width, 0);
  else pushWidth(context, insn.dst, width);
  body.else();
  if (op === 'sdiv') {
    body.get(divisor);
    pushConstant(context, width, -1);
    body.op(`${type}.eq`);
    body.if(type);
    pushConstant(context, width, 0);
    pushWidth(context, insn.dst, width);
    body.op(`${type}.sub`);
    body.else();
  }
  pushWidth(context, insn.dst, width);
  body.get(divisor);
  body.op(`${type}.${division[op]}`);
  if (op === 'sdiv') body.end();
  body.end();
}

function pushSwapped16(context: FunctionContext, register: number): void {
  const { body } = context;
  context.push32(register);
  body.i32(8);
  body.op('i32.shl');
  pushAnd(context, 'i32', 0xff00);
  context.push32(register);
  body.i32(8);
  body.op('i32.shr_u');
  pushAnd(context, 'i32', 0xff);
  body.op('i32.or');
}

function pushSwapped32(context: FunctionContext, register: number): void {
  const { body } = context;
  context.push32(register);
  body.i32(8);
  body.op('i32.rotl');
  pushAnd(context, 'i32', 0x00ff00ff);
  context.push32(register);
  body.i32(8);
  body.op('i32.rotr');
  pushAnd(context, 'i32', 0xff00ff00);
  body.op('i32.or');
}

/** Swaps bytes in pairs, then pairs in fours, then the halves. */
function pushSwapped64(context: FunctionContext, register: number): void {
  const { body } = context;
  const value = context.scratch('i64', 'swapped');
  context.push(register);
  body.set(value);
  for (const [shift, mask] of [
    [8, 0x00ff00ff00ff00ffn],
    [16, 0x0000ffff0000ffffn],
  ] as const) {
    body.get(value);
    body.i64(mask);
    body.op('i64.and');
    body.i64(shift);
    body.op('i64.shl');
    body.get(value);
    body.i64(shift);
    body.op('i64.shr_u');
    body.i64(mask);
    body.op('i64.and');
    body.op('i64.or');
    body.set(value);
  }
  body.get(value);
  body.i64(32);
  body.op('i64.rotl');
}

function pushAnd(context: FunctionContext, type: 'i32', mask: number): void {
  context.body.i32(mask);
  context.body.op(`${type}.and`);
}

function pushWidth(context: FunctionContext, register: number, width: Width): void {
  if (width === 32) context.push32(register);
  else context.push(register);
}

function popWidth(context: FunctionContext, register: number, width: Width): void {
  if (width === 32) context.pop32(register);
  else context.pop(register);
}

function pushSource(
  context: FunctionContext,
  insn: Insn,
  width: Width,
  source: 'imm' | 'reg',
): void {
  if (source === 'imm') pushConstant(context, width, insn.imm);
  else pushWidth(context, insn.src, width);
}

function pushConstant({ body }: FunctionContext, width: Width, value: number): void {
  if (width === 32) body.i32(value);
  else body.i64(value);
}
