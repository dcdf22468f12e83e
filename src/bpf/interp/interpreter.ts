import type { Fault, FaultReason } from '../fault.js';
import type { Insn } from '../isa/decode.js';
import { FRAME_POINTER, REGISTERS, type SemanticsOf, type Size } from '../isa/insn.js';
import type { BpfProgram } from '../isa/program.js';
import {
  DEFAULT_BUDGET,
  FRAME_BYTES,
  MAX_CALL_FRAMES,
  MAX_LOOPS,
  TAIL_CALL_HELPER,
} from '../limits.js';
import { alu32, alu64, atomics, conditions, swapBytes } from './alu.js';
import { type Environment, HelperFault, type OutsideCall, type RunResult } from './environment.js';

/**
 * Runs a program from its first instruction: the reference that the JIT is tested against, written to be read beside
 * RFC 9669. What the kernel leaves undefined is 0 here: registers and stack before the first write are what they
 * are, r1..r5 keep their values over a call.
 */
export function interpret(
  program: BpfProgram,
  environment: Environment,
  r1 = 0n,
  r2 = 0n,
): RunResult {
  const run = new Run(program, environment);
  try {
    const r0 = run.call(0, [r1, r2], BigInt(environment.stackTop), 1);
    return { r0, fault: undefined, executedInsns: run.executedInsns };
  } catch (error) {
    if (!(error instanceof FaultSignal)) throw error;
    return { r0: 0n, fault: error.fault, executedInsns: run.executedInsns };
  }
}

/** Unwinds the frames of a run; never leaves this file. */
class FaultSignal extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.reason);
    this.fault = fault;
  }
}

/** A function's registers and what else it alone has. */
interface Frame {
  readonly registers: BigUint64Array;
  readonly depth: number;
  mayGotosLeft: number;
}

class Run {
  executedInsns = 0;
  readonly #program: BpfProgram;
  readonly #environment: Environment;
  readonly #budgetInsns: number;

  constructor(program: BpfProgram, environment: Environment) {
    this.#program = program;
    this.#environment = environment;
    this.#budgetInsns = environment.budgetInsns ?? DEFAULT_BUDGET;
  }

  /** Runs the function that begins at a position up to its `exit` and returns its r0. */
  call(start: number, args: readonly bigint[], framePointer: bigint, depth: number): bigint {
    if (depth > MAX_CALL_FRAMES) throw fault('callDepth', this.#program.insns[start]!);
    const frame: Frame = {
      registers: new BigUint64Array(REGISTERS),
      depth,
      mayGotosLeft: MAX_LOOPS,
    };
    frame.registers.set(args.slice(0, 5), 1);
    frame.registers[FRAME_POINTER] = framePointer;
    let position: number | undefined = start;
    while (position !== undefined) {
      const insn: Insn = this.#program.insns[position]!;
      if (++this.executedInsns > this.#budgetInsns) throw fault('budget', insn);
      position = this.#step(frame, insn, position);
    }
    return frame.registers[0]!;
  }

  /** Executes one instruction; the position of the next one, undefined at the function's end. */
  #step(frame: Frame, insn: Insn, position: number): number | undefined {
    const { registers } = frame;
    const { does } = insn.form;
    const { dst } = insn;
    const next = position + 1;
    switch (does.kind) {
      case 'alu':
        registers[dst] = aluResult(registers, insn, does);
        return next;
      case 'neg':
        registers[dst] = BigInt.asUintN(does.width, -registers[dst]!);
        return next;
      case 'movsx':
        registers[dst] = BigInt.asUintN(
          does.width,
          BigInt.asIntN(does.fromBits, registers[insn.src]!),
        );
        return next;
      case 'swap':
        registers[dst] = swapBytes(registers[dst]!, does);
        return next;
      case 'loadImm64':
        registers[dst] = insn.imm64;
        return next;
      case 'loadCallback':
        registers[dst] = this.#callbackValue(this.#program.targets[position]!);
        return next;
      case 'load': {
        const value = this.#load(registers, insn.src, insn, does.size);
        registers[dst] = does.signed ? BigInt.asIntN(8 * does.size, value) : value;
        return next;
      }
      case 'store':
        this.#store(registers, insn, does.size, operand(registers, insn, does.source));
        return next;
      case 'loadAcquire':
        this.#checkAligned(registers, insn.src, insn, does.size);
        registers[dst] = this.#load(registers, insn.src, insn, does.size);
        return next;
      case 'storeRelease':
        this.#checkAligned(registers, dst, insn, does.size);
        this.#store(registers, insn, does.size, registers[insn.src]!);
        return next;
      case 'atomic':
        this.#atomic(registers, insn, does);
        return next;
      case 'jump':
        return this.#program.targets[position]!;
      case 'jumpIf':
        return isTaken(registers, insn, does) ? this.#program.targets[position]! : next;
      case 'mayGoto':
        return frame.mayGotosLeft-- > 0 ? next : this.#program.targets[position]!;
      case 'call':
        return this.#callInsn(frame, insn, position, does.callee) ? next : undefined;
      case 'exit':
        return undefined;
    }
  }

  /** False when a tail call succeeded: the function is over. */
  #callInsn(
    frame: Frame,
    insn: Insn,
    position: number,
    callee: 'helper' | 'local' | 'kfunc',
  ): boolean {
    const { registers } = frame;
    const args = Array.from(registers.subarray(1, 6));
    if (callee === 'local') {
      registers[0] = this.#callFrom(frame, this.#program.targets[position]!, args);
      return true;
    }
    const invoke = (callback: bigint, callbackArgs: readonly bigint[]) =>
      this.#callFrom(frame, this.#callbackPosition(callback, insn), callbackArgs);
    const r0 = this.#callOutside({ callee, id: insn.imm, args, invoke }, insn);
    registers[0] = r0;
    return !(callee === 'helper' && tailCalled(insn.imm, r0));
  }

  #callFrom(frame: Frame, start: number, args: readonly bigint[]): bigint {
    const framePointer = frame.registers[FRAME_POINTER]! - BigInt(FRAME_BYTES);
    return this.call(start, args, framePointer, frame.depth + 1);
  }

  #callOutside(call: OutsideCall, insn: Insn): bigint {
    try {
      const r0 = this.#environment.call(call);
      if (r0 === undefined) throw fault('unknownHelper', insn, BigInt(call.id));
      return r0;
    } catch (error) {
      if (error instanceof HelperFault) throw fault('helper', insn, error.detail);
      throw error;
    }
  }

  #callbackValue(start: number): bigint {
    return BigInt((this.#environment.callbackBase ?? 0) + this.#program.callbacks.indexOf(start));
  }

  #callbackPosition(callback: bigint, insn: Insn): number {
    const index = Number(callback) - (this.#environment.callbackBase ?? 0);
    const start = this.#program.callbacks[index];
    if (start === undefined) throw fault('helper', insn, callback);
    return start;
  }

  #load(registers: BigUint64Array, base: number, insn: Insn, size: Size): bigint {
    const address = effectiveAddress(registers, base, insn, size);
    const value = this.#environment.memory.load(address, size);
    if (value === undefined) throw fault('badAccess', insn, address);
    return value;
  }

  #store(registers: BigUint64Array, insn: Insn, size: Size, value: bigint): void {
    const address = effectiveAddress(registers, insn.dst, insn, size);
    if (!this.#environment.memory.store(address, size, value))
      throw fault('badAccess', insn, address);
  }

  #checkAligned(registers: BigUint64Array, base: number, insn: Insn, size: Size): void {
    const address = effectiveAddress(registers, base, insn, size);
    if (address % BigInt(size) !== 0n) throw fault('unalignedAtomic', insn, address);
  }

  /** Section 5.3. A 32-bit operation looks at the low halves of r0 and src, and zero-extends what it fetches. */
  #atomic(registers: BigUint64Array, insn: Insn, { op, size, fetch }: SemanticsOf<'atomic'>): void {
    this.#checkAligned(registers, insn.dst, insn, size);
    const address = effectiveAddress(registers, insn.dst, insn, size);
    const src = BigInt.asUintN(8 * size, registers[insn.src]!);
    const expected = BigInt.asUintN(8 * size, registers[0]!);
    const change = (old: bigint) => BigInt.asUintN(8 * size, atomics[op](old, src, expected));
    const old = this.#environment.memory.update(address, size, change);
    if (old === undefined) throw fault('badAccess', insn, address);
    if (fetch) registers[op === 'cmpxchg' ? 0 : insn.src] = old;
  }
}

/**
 * Whether a call of helper `id` with result `r0` went on in another program, whose verdict `r0` then is. A negative
 * result says that the tail call failed and the program goes on.
 */
function tailCalled(id: number, r0: bigint): boolean {
  return id === TAIL_CALL_HELPER && BigInt.asIntN(64, r0) >= 0n;
}

function operand(registers: BigUint64Array, insn: Insn, source: 'imm' | 'reg'): bigint {
  return source === 'imm' ? insn.imm64 : registers[insn.src]!;
}

function aluResult(
  registers: BigUint64Array,
  insn: Insn,
  { op, width, source }: SemanticsOf<'alu'>,
): bigint {
  const dst = registers[insn.dst]!;
  const src = operand(registers, insn, source);
  if (width === 64) return alu64[op](dst, src);
  return BigInt(alu32[op](low32(dst), low32(src)) >>> 0);
}

function isTaken(
  registers: BigUint64Array,
  insn: Insn,
  { condition, width, source }: SemanticsOf<'jumpIf'>,
): boolean {
  const dst = BigInt.asUintN(width, registers[insn.dst]!);
  const src = BigInt.asUintN(width, operand(registers, insn, source));
  return conditions[condition](dst, src, width);
}

function effectiveAddress(registers: BigUint64Array, base: number, insn: Insn, size: Size): bigint {
  const { off } = insn;
  if (base === FRAME_POINTER && (off < -FRAME_BYTES || off + size > 0))
    throw fault('stackOverflow', insn, BigInt.asUintN(64, BigInt(off)));
  return BigInt.asUintN(64, registers[base]! + BigInt(off));
}

function low32(value: bigint): number {
  return Number(value & 0xffffffffn);
}

function fault(reason: FaultReason, { slot }: Insn, detail = 0n): FaultSignal {
  return new FaultSignal({ reason, slot, detail });
}
