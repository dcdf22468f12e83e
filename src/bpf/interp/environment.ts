import type { Fault } from '../fault.js';
import type { BpfMemory } from './memory.js';

/** A call out of the program. */
export interface OutsideCall {
  readonly callee: 'helper' | 'kfunc';
  readonly id: number;
  /** r1..r5. */
  readonly args: readonly bigint[];
  /** Runs a callback of the program: a value of its LDDW of a function, and the callback's r1..r5. */
  readonly invoke: (callback: bigint, args: readonly bigint[]) => bigint;
}

export interface Environment {
  readonly memory: BpfMemory;
  /** One past the highest address of the stack; frames grow down from here. */
  readonly stackTop: number;
  /** r0 of a helper or kfunc; undefined when there is none with that id. May throw `HelperFault`. */
  readonly call: (call: OutsideCall) => bigint | undefined;
  /** What the LDDW of the program's first callback loads; the others follow. */
  readonly callbackBase?: number;
  readonly budgetInsns?: number;
}

export interface RunResult {
  /** 0 (XDP_ABORTED) when there is a fault. */
  readonly r0: bigint;
  readonly fault: Fault | undefined;
  readonly executedInsns: number;
}

/** Thrown by a helper that refuses its arguments: the run ends by a fault. */
export class HelperFault extends Error {
  readonly detail: bigint;

  constructor(detail: bigint, message: string) {
    super(message);
    this.name = 'HelperFault';
    this.detail = detail;
  }
}
