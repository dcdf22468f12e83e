import type { FunctionBody } from '../../wasm/functionBody.js';
import type { MemoryType } from '../../wasm/moduleBuilder.js';

/**
 * What a program may touch. Addresses are arena offsets, known when the program is compiled, because the program's own
 * map addresses are.
 *
 * `window`: everything in [low, high) may be touched: stacks, contexts, frames and map values, and nothing whose damage
 * would harm the machine. One compare per access; `low` of 4096 or more makes a NULL pointer fault.
 *
 * `checked`: besides, every access but those to the own stack frame and loads of the context's known bytes asks the
 * imported function `env.check(address, size, write, frame): i32`, 0 of which is a fault. It knows packet ends and map
 * values; `frame` is where the running function's begins. Helpers are told that by `env.setFrame(frame)` before each call.
 */
export interface BoundsPolicy {
  readonly kind: 'window' | 'checked';
  readonly low: number;
  readonly high: number;
  /**
   * Of a window: whether `GAP_BYTES` on either side of it are nobody's. Then a pointer is checked once, however many
   * accesses go through it, and an access may stray into a gap.
   */
  readonly gaps?: boolean;
  /**
   * Of a window with gaps: address of a u32 that holds, at any moment, what of the window has been handed out, at most
   * `high`. Nothing above it may be touched either, so that a wild loop does not bring in memory that nobody uses.
   */
  readonly highAt?: number;
}

/** A checked pointer may be one instruction's offset outside of the window, and the access one more from there. */
export const GAP_BYTES = 131072;

/** What an inline helper sees of its call site. Code that it writes must leave the operand stack as it was. */
export interface InlineCall {
  readonly code: FunctionBody;
  /** The value of r1..r5 where the compiler knows it, such as a map's address. */
  constant(register: number): bigint | undefined;
  /** Pushes a register as i64. */
  push(register: number): void;
  /** Checks `sizeBytes` at a register's address, as a load or store would, and pushes the address as i32. */
  pushAddress(register: number, sizeBytes: number, write?: boolean): void;
  /** Pops an i64 into r0. */
  popResult(): void;
  /** Pushes one of `JitOptions.globals`. */
  pushGlobal(name: string): void;
  /** A local for the helper's own use, not zeroed. The same index names the same local at every call site. */
  scratch(type: 'i32' | 'i64', index: number): number;
}

/** Writes a helper's fast path in place of the call; false, with nothing written, for a plain call after all. */
export type InlineHelper = (call: InlineCall) => boolean;

export interface JitOptions {
  readonly bounds: BoundsPolicy;
  readonly memory: MemoryType;
  /**
   * `xdp`: exports `run(context: i32): i32`, r1 the context and the result r0's low half.
   * `raw`: exports `run64(r1: i64, r2: i64): i64`.
   */
  readonly entry: 'xdp' | 'raw';
  /** Bytes at r1 that may be read, wherever they are: no check for that. Writes are checked. 0 if not given. */
  readonly contextBytes?: number;
  /** Below 2^31. Counted at backward edges, a whole loop body each, and at calls: `DEFAULT_BUDGET` if not given. */
  readonly budgetInsns?: number;
  /** Whether a helper exists; a call of one that does not is a fault when reached. All do if not given. */
  readonly hasHelper?: (id: number) => boolean;
  readonly inlineHelpers?: ReadonlyMap<number, InlineHelper>;
  /**
   * Where a program that is reached by a tail call finds what the run has taken of the budget: a u32, at an offset from one of
   * `globals`. The helper finds it in r5, and puts it there.
   */
  readonly spent?: { readonly global: string; readonly offset: number };
  /** Constants of the worker (i32, imported from `env`) that inline helpers use, such as its per-CPU area's address. */
  readonly globals?: readonly string[];
}
