import { FRAME_POINTER } from '../isa/insn.js';
import { FRAME_BYTES } from '../limits.js';
import type { FunctionContext } from './functionContext.js';

/** Bytes that an instruction touches: `size` of them at register `base` plus `off`. */
export interface Access {
  readonly base: number;
  readonly off: number;
  readonly size: number;
  readonly write: boolean;
  /** Whether it may be of the context, which lies outside of the bounds. */
  readonly mayBeContext?: boolean;
  /** Of the instruction, for the fault. */
  readonly slot: number;
}

/** How far an instruction's offset reaches. */
const OFFSET_REACH = 32768;

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
  const isKnown = inContext >= 0 && inContext + access.size <= contextBytes;
  if (access.write || !isKnown) return pushGuarded(context, access);
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
  if (access.mayBeContext) return pushContextOrGuarded(context, access);
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
  const { low, high, highAt } = environment.options.bounds;
  context.push(base);
  body.i64(BigInt(OFFSET_REACH - low));
  body.op('i64.add');
  if (highAt === undefined) {
    body.i64(BigInt(high - low + 2 * OFFSET_REACH));
  } else {
    body.i32(0);
    body.memory('i64.load32_u', highAt);
    body.i64(BigInt(2 * OFFSET_REACH - low));
    body.op('i64.add');
  }
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
  if (environment.checkFunction !== undefined) writeCheck(context, access, pushAddress);
  body.get(index);
  body.op('i32.wrap_i64');
  return low;

  function pushAddress(): void {
    body.get(index);
    body.i64(BigInt(low));
    body.op('i64.add');
  }
}

/** Lets the context's own address pass, and checks any other exactly. */
function pushContextOrGuarded(context: FunctionContext, access: Access): number {
  const { base, off, size, slot } = access;
  const { body, environment } = context;
  const { low, high } = environment.options.bounds;
  context.push(base);
  body.get(context.contextAddress);
  body.op('i64.extend_i32_u');
  body.op('i64.ne');
  body.if();
  context.push(base);
  body.i64(BigInt(off - low));
  body.op('i64.add');
  body.i64(BigInt(high - low - size));
  body.op('i64.gt_u');
  context.faultIf('badAccess', slot, pushAddress);
  if (environment.checkFunction !== undefined) writeCheck(context, access, pushAddress);
  body.end();
  return pushUnchecked(context, access);

  function pushAddress(): void {
    context.push(base);
    body.i64(off);
    body.op('i64.add');
  }
}

function writeCheck(
  context: FunctionContext,
  { size, write, slot }: Access,
  pushAddress: () => void,
): void {
  const { body, environment } = context;
  pushAddress();
  body.op('i32.wrap_i64');
  body.i32(size);
  body.i32(write ? 1 : 0);
  body.get(context.frameLow);
  body.call(environment.checkFunction!);
  body.op('i32.eqz');
  context.faultIf('badAccess', slot, pushAddress);
}

/** As `pushChecked`, and faults unless the address is naturally aligned: WebAssembly's atomics would trap. */
export function pushAligned(context: FunctionContext, access: Access): number {
  const { base, off, size, slot } = access;
  const { body } = context;
  if (size > 1) {
    const address = context.scratch('i64', 'address');
    context.push(base);
    body.i64(off);
    body.op('i64.add');
    body.tee(address);
    body.op('i32.wrap_i64');
    body.i32(size - 1);
    body.op('i32.and');
    context.faultIf('unalignedAtomic', slot, () => body.get(address));
  }
  return pushChecked(context, access);
}
