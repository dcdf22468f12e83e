import type { MemoryOp, AtomicOp as WasmAtomicOp } from '../../wasm/opcodes.js';
import type { Insn } from '../isa/decode.js';
import type { SemanticsOf, Size } from '../isa/insn.js';
import type { FunctionContext } from './functionContext.js';
import { type Access, pushAligned, pushChecked } from './guard.js';
import { mayLoadContext } from './knowledge.js';

const loads: Readonly<Record<Size, MemoryOp>> = {
  1: 'i64.load8_u',
  2: 'i64.load16_u',
  4: 'i64.load32_u',
  8: 'i64.load',
};
const signedLoads: Readonly<Record<Size, MemoryOp>> = {
  1: 'i64.load8_s',
  2: 'i64.load16_s',
  4: 'i64.load32_s',
  8: 'i64.load',
};
const stores: Readonly<Record<Size, MemoryOp>> = {
  1: 'i64.store8',
  2: 'i64.store16',
  4: 'i64.store32',
  8: 'i64.store',
};
const atomicLoads: Readonly<Record<Size, WasmAtomicOp>> = {
  1: 'i64.atomic.load8_u',
  2: 'i64.atomic.load16_u',
  4: 'i64.atomic.load32_u',
  8: 'i64.atomic.load',
};
const atomicStores: Readonly<Record<Size, WasmAtomicOp>> = {
  1: 'i64.atomic.store8',
  2: 'i64.atomic.store16',
  4: 'i64.atomic.store32',
  8: 'i64.atomic.store',
};

export function writeLoad(context: FunctionContext, insn: Insn, does: SemanticsOf<'load'>): void {
  const { contextBytes = 0 } = context.environment.options;
  const mayBeContext = mayLoadContext(insn, contextBytes);
  const access = { ...accessOf(insn, insn.src, does.size, false), mayBeContext };
  const offset = pushChecked(context, access);
  context.body.memory((does.signed ? signedLoads : loads)[does.size], offset);
  context.pop(insn.dst);
}

export function writeStore(context: FunctionContext, insn: Insn, does: SemanticsOf<'store'>): void {
  const offset = pushChecked(context, accessOf(insn, insn.dst, does.size, true));
  if (does.source === 'imm') context.body.i64(insn.imm);
  else context.push(insn.src);
  context.body.memory(stores[does.size], offset);
}

/** WebAssembly's atomics are sequentially consistent: more than acquire. */
export function writeLoadAcquire(
  context: FunctionContext,
  insn: Insn,
  { size }: SemanticsOf<'loadAcquire'>,
): void {
  const offset = pushAligned(context, accessOf(insn, insn.src, size, false));
  context.body.atomic(atomicLoads[size], offset);
  context.pop(insn.dst);
}

export function writeStoreRelease(
  context: FunctionContext,
  insn: Insn,
  { size }: SemanticsOf<'storeRelease'>,
): void {
  const offset = pushAligned(context, accessOf(insn, insn.dst, size, true));
  context.push(insn.src);
  context.body.atomic(atomicStores[size], offset);
}

export function writeAtomic(
  context: FunctionContext,
  insn: Insn,
  { op, size, fetch }: SemanticsOf<'atomic'>,
): void {
  const { body } = context;
  const offset = pushAligned(context, accessOf(insn, insn.dst, size, true));
  if (op === 'cmpxchg') {
    context.push(0);
    // A narrow compare-exchange compares the whole expected value: RFC 9669 wants its low half.
    if (size === 4) {
      body.i64(0xffffffffn);
      body.op('i64.and');
    }
  }
  context.push(insn.src);
  body.atomic(size === 4 ? `i64.atomic.rmw32.${op}_u` : `i64.atomic.rmw.${op}`, offset);
  if (!fetch) body.op('drop');
  else context.pop(op === 'cmpxchg' ? 0 : insn.src);
}

function accessOf({ off, slot }: Insn, base: number, size: Size, write: boolean): Access {
  return { base, off, size, write, slot };
}
