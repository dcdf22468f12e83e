import type { FunctionBody } from '../../wasm/functionBody.js';
import type { ValueType } from '../../wasm/opcodes.js';
import { type FaultReason, faultCodes, faultRecord } from '../fault.js';
import { FRAME_POINTER } from '../isa/insn.js';
import { FRAME_BYTES } from '../limits.js';
import type { JitEnvironment } from './environment.js';
import type { Knowledge } from './knowledge.js';

/** How a function is entered and left: the exported entry, in either form, or one of the program's own functions. */
export type Role = 'xdp' | 'raw' | 'subprogram';

/** One function while it is written: its locals, and the idioms that all instructions share. */
export class FunctionContext {
  readonly environment: JitEnvironment;
  readonly body: FunctionBody;
  readonly role: Role;
  /** Whether it moves the stack pointer below its frame, since others may run before it ends. */
  readonly reservesFrame: boolean;
  /** i32: the lowest address of the frame. */
  readonly frameLow: number;
  /** i32: the context's address, if known bytes of it need no check. */
  readonly contextAddress: number;
  /** i32: instructions left, if the function is alone and has loops. */
  readonly budget: number;
  /** i32: `may_goto`s left. */
  readonly mayGotosLeft: number;
  /** Whether it counts what its loops take. */
  hasLoops = false;
  /** What is known of registers before the instruction that is being written. */
  known: Knowledge = [];
  readonly #registers: readonly number[];
  /** i64s: the two halves of the fault record. */
  readonly #faultCodeAndSlot: number;
  readonly #faultDetail: number;
  readonly #scratch = new Map<string, number>();

  constructor(environment: JitEnvironment, body: FunctionBody, role: Role, reservesFrame: boolean) {
    this.environment = environment;
    this.body = body;
    this.role = role;
    this.reservesFrame = reservesFrame;
    const parameters = role === 'xdp' ? 0 : body.type.params.length;
    this.#registers = Array.from({ length: FRAME_POINTER }, (_, register) =>
      register >= 1 && register <= parameters ? register - 1 : body.local('i64'),
    );
    this.frameLow = body.local('i32');
    this.contextAddress = role === 'xdp' ? 0 : body.local('i32');
    this.budget = body.local('i32');
    this.mayGotosLeft = body.local('i32');
    this.#faultCodeAndSlot = body.local('i64');
    this.#faultDetail = body.local('i64');
  }

  /** Pushes a register as i64. */
  push(register: number): void {
    if (register !== FRAME_POINTER) {
      this.body.get(this.#registers[register]!);
      return;
    }
    this.body.get(this.frameLow);
    this.body.i32(FRAME_BYTES);
    this.body.op('i32.add');
    this.body.op('i64.extend_i32_u');
  }

  /** Pushes a register's low half as i32. */
  push32(register: number): void {
    this.push(register);
    this.body.op('i32.wrap_i64');
  }

  /** Pops an i64 into a register. */
  pop(register: number): void {
    this.body.set(this.#registers[register]!);
  }

  /** Pops an i32 into a register, zero-extended. */
  pop32(register: number): void {
    this.body.op('i64.extend_i32_u');
    this.pop(register);
  }

  /** A local by name, made at first use. It holds nothing from one instruction to the next. */
  scratch(type: ValueType, name: string): number {
    const key = `${type} ${name}`;
    const known = this.#scratch.get(key);
    if (known !== undefined) return known;
    const local = this.body.local(type);
    this.#scratch.set(key, local);
    return local;
  }

  /** Pushes, as i32, what the run had taken of the budget when it came to this program. */
  pushSpentBefore(): void {
    const { options, globals } = this.environment;
    if (options.spent === undefined) {
      this.body.i32(0);
      return;
    }
    this.body.globalGet(globals.get(options.spent.global)!);
    this.body.memory('i32.load', options.spent.offset);
  }

  /** Pushes, as i32, what it has taken until now. */
  pushSpent(): void {
    const { budgetGlobal, budgetInsns } = this.environment;
    if (budgetGlobal === undefined && !this.hasLoops) {
      this.pushSpentBefore();
      return;
    }
    this.body.i32(budgetInsns);
    if (budgetGlobal !== undefined) this.body.globalGet(budgetGlobal);
    else this.body.get(this.budget);
    this.body.op('i32.sub');
  }

  /** Leaves the function with r0. */
  leave(): void {
    this.#releaseFrame();
    if (this.role === 'xdp') this.push32(0);
    else this.push(0);
    this.body.op('return');
  }

  /** Leaves the function because a fault has been recorded: the verdict is XDP_ABORTED, which is 0. */
  abort(): void {
    this.#releaseFrame();
    if (this.role === 'xdp') this.body.i32(0);
    else this.body.i64(0);
    this.body.op('return');
  }

  /**
   * Opens the block that the whole function is in, for faults to leave by. They are branches to one place, not calls: a
   * function without calls needs no stack check of V8's, and its checks cost a compare and a jump each.
   */
  openFaultBlock(): void {
    this.body.block();
  }

  /** Closes it, and writes what a fault does: record it, leave with 0. */
  closeFaultBlock(): void {
    const { body, environment } = this;
    body.end();
    body.globalGet(environment.faultAddress);
    body.get(this.#faultCodeAndSlot);
    body.memory('i64.store', faultRecord.code);
    body.globalGet(environment.faultAddress);
    body.get(this.#faultDetail);
    body.memory('i64.store', faultRecord.detail);
    this.abort();
  }

  /** Leaves the function by a fault. `pushDetail` pushes an i64. */
  fault(reason: FaultReason, slot: number, pushDetail = () => this.body.i64(0)): void {
    const { body } = this;
    body.i64((BigInt(slot) << 32n) | BigInt(faultCodes[reason]));
    body.set(this.#faultCodeAndSlot);
    pushDetail();
    body.set(this.#faultDetail);
    body.br(body.openBlocks - 1);
  }

  /** Pops an i32; faults unless it is 0. */
  faultIf(reason: FaultReason, slot: number, pushDetail?: () => void): void {
    this.body.if();
    this.fault(reason, slot, pushDetail);
    this.body.end();
  }

  setStackPointer(to: 'aboveFrame' | 'belowFrame'): void {
    this.body.get(this.frameLow);
    if (to === 'aboveFrame') {
      this.body.i32(FRAME_BYTES);
      this.body.op('i32.add');
    }
    this.body.globalSet(this.environment.stackPointer);
  }

  #releaseFrame(): void {
    if (this.reservesFrame) this.setStackPointer('aboveFrame');
  }
}
