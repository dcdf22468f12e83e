import type { MemoryOp, AtomicOp as WasmAtomicOp } from '../../wasm/opcodes.js';
import type { Insn } from '../isa/decode.js';
import { FRAME_POINTER, type Semantics, type Size } from '../isa/insn.js';
import { FRAME_BYTES } from '../limits.js';
import type { FunctionContext } from './functionContext.js';

type Of<Kind extends Semantics['kind']> = Extract<Semantics, { kind: Kind }>;

/** Bytes that an instruction touches: `size` of them at register `base` plus `off`. */
export interface Access {
  readonly base: number;
  readonly off: number;
  readonly size: number;
  readonly write: boolean;
  /** Of the instruction, for the fault. */
  readonly slot: number;
}

/** How far an instruction's offset reaches. */
const OFFSET_REACH = 32768;

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

export function writeLoad(context: FunctionContext, insn: Insn, does: Of<'load'>): void {
  const offset = pushChecked(context, accessOf(insn, insn.src, does.size, false));
  context.body.memory((does.signed ? signedLoads : loads)[does.size], offset);
  context.pop(insn.dst);
}

export function writeStore(context: FunctionContext, insn: Insn, does: Of<'store'>): void {
  const offset = pushChecked(context, accessOf(insn, insn.dst, does.size, true));
  if (does.source === 'imm') context.body.i64(insn.imm);
  else context.push(insn.src);
  context.body.memory(stores[does.size], offset);
}

/** WebAssembly's atomics are sequentially consistent: more than acquire. */
export function writeLoadAcquire(
  context: FunctionContext,
  insn: Insn,
  { size }: Of<'loadAcquire'>,
): void {
  const offset = pushAligned(context, accessOf(insn, insn.src, size, false));
  context.body.atomic(atomicLoads[size], offset);
  context.pop(insn.dst);
}

export function writeStoreRelease(
  context: FunctionContext,
  insn: Insn,
  { size }: Of<'storeRelease'>,
): void {
  const offset = pushAligned(context, accessOf(insn, insn.dst, size, true));
  context.push(insn.src);
  context.body.atomic(atomicStores[size], offset);
}

export function writeAtomic(
  context: FunctionContext,
  insn: Insn,
  { op, size, fetch }: Of<'atomic'>,
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

/**
 * Checks an access and pushes an i32 such that the pushed plus the returned offset is its address. The offset goes into
 * the load or store itself, where it is free.
 */
export function pushChecked(context: FunctionContext, access: Access): number {
  const value = context.known[access.base];
  switch (value?.kind) {
    case 'frame':
      return pushInFrame(context, access, value.offset);
    case 'context':
      return pushInContext(context, access, value.offset);
    case 'constant':
      return pushConstantAddress(context, access, value.value);
    case 'guarded':
      return pushNearGuarded(context, access, value.offset);
    case undefined:
      return pushGuarded(context, access);
  }
}

function pushInFrame(context: FunctionContext, access: Access, offset: number): number {
  const { base, off, size, slot } = access;
  const inFrame = offset + off + FRAME_BYTES;
  if (inFrame >= 0 && inFrame + size <= FRAME_BYTES) {
    context.body.get(context.frameLow);
    return inFrame;
  }
  if (base === FRAME_POINTER) context.fault('stackOverflow', slot, () => context.body.i64(off));
  return pushGuarded(context, access);
}

function pushInContext(context: FunctionContext, access: Access, offset: number): number {
  const { contextBytes = 0 } = context.environment.options;
  const inContext = offset + access.off;
  if (inContext < 0 || inContext + access.size > contextBytes) return pushGuarded(context, access);
  context.body.get(context.contextAddress);
  return inContext;
}

function pushConstantAddress(context: FunctionContext, access: Access, value: bigint): number {
  const { kind, low, high } = context.environment.options.bounds;
  const address = value + BigInt(access.off);
  const inWindow = address >= BigInt(low) && address + BigInt(access.size) <= BigInt(high);
  if (kind === 'checked' || !inWindow) return pushGuarded(context, access);
  context.body.i32(0);
  return Number(address);
}

function pushNearGuarded(context: FunctionContext, access: Access, offset: number): number {
  const { gaps = false } = context.environment.options.bounds;
  const isNear = Math.abs(offset) <= OFFSET_REACH && Math.abs(offset + access.off) <= OFFSET_REACH;
  return gaps && isNear ? pushUnchecked(context, access) : pushGuarded(context, access);
}

/** Checks the access, or with gaps around the window the pointer, for all accesses through it. */
function pushGuarded(context: FunctionContext, access: Access): number {
  return context.environment.options.bounds.gaps === true
    ? pushPointerGuarded(context, access)
    : pushAccessGuarded(context, access);
}

/**
 * The pointer must be so near to the window that an access at an instruction's offset may be in it. What passes is less
 * than 2^32, and so is every address within another offset of it.
 */
function pushPointerGuarded(context: FunctionContext, access: Access): number {
  const { base, slot } = access;
  const { body, environment } = context;
  const { low, high } = environment.options.bounds;
  context.push(base);
  body.i64(BigInt(OFFSET_REACH - low));
  body.op('i64.add');
  body.i64(BigInt(high - low + 2 * OFFSET_REACH));
  body.op('i64.gt_u');
  context.faultIf('badAccess', slot, () => {
    context.push(base);
    body.i64(access.off);
    body.op('i64.add');
  });
  return pushUnchecked(context, access);
}

function pushUnchecked(context: FunctionContext, { base, off }: Access): number {
  context.push32(base);
  if (off >= 0) return off;
  context.body.i32(off);
  context.body.op('i32.add');
  return 0;
}

/**
 * `address - low` as an unsigned 64-bit number must leave room for the access below `high`. What passes is less than
 * 2^32, and is the index: `low` is the load's own offset.
 */
function pushAccessGuarded(context: FunctionContext, access: Access): number {
  const { base, off, size, slot } = access;
  const { body, environment } = context;
  const { low, high } = environment.options.bounds;
  const index = context.scratch('i64', 'index');
  context.push(base);
  body.i64(BigInt(off - low));
  body.op('i64.add');
  body.tee(index);
  body.i64(BigInt(high - low - size));
  body.op('i64.gt_u');
  context.faultIf('badAccess', slot, pushAddress);
  if (environment.checkFunction !== undefined) {
    pushAddress();
    body.op('i32.wrap_i64');
    body.i32(size);
    body.i32(access.write ? 1 : 0);
    body.call(environment.checkFunction);
    body.op('i32.eqz');
    context.faultIf('badAccess', slot, pushAddress);
  }
  body.get(index);
  body.op('i32.wrap_i64');
  return low;

  function pushAddress(): void {
    body.get(index);
    body.i64(low);
    body.op('i64.add');
  }
}

/** As `pushChecked`, and faults unless the address is naturally aligned: WebAssembly's atomics would trap. */
function pushAligned(context: FunctionContext, access: Access): number {
  const { base, off, size, slot } = access;
  const { body } = context;
  if (size > 1) {
    context.push(base);
    body.i64(off);
    body.op('i64.add');
    body.tee(context.scratch('i64', 'aligned'));
    body.op('i32.wrap_i64');
    body.i32(size - 1);
    body.op('i32.and');
    context.faultIf('unalignedAtomic', slot, () => body.get(context.scratch('i64', 'aligned')));
  }
  return pushChecked(context, access);
}

function accessOf({ off, slot }: Insn, base: number, size: Size, write: boolean): Access {
  return { base, off, size, write, slot };
}
