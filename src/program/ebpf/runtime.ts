import type { Arena } from '../../arena/arena.js';
import type { DataPlane } from '../../arena/dataplane.js';
import { ProgramCpu } from '../../arena/layout.generated.js';
import { FAULT_RECORD_BYTES, takeFault } from '../../bpf/fault.js';
import { type BpfFunction, instantiateXdp, type XdpEntry } from '../../bpf/jit/instantiate.js';
import { STACK_BYTES } from '../../bpf/limits.js';
import type { ProgramFault } from '../host.js';
import type { CompiledProgram } from './compileProgram.js';
import { explainFault } from './explainFault.js';
import { helperFunctions } from './helpers.js';
import { PROGRAM_CPU_GLOBAL } from './inlineHelpers.js';
import { kfuncFunctions } from './kfuncs.js';

/** Memory of one thread that runs eBPF programs. */
export interface RuntimeMemory {
  /** `STACK_BYTES` where programs may write. Programs of a thread run one after the other: one stack will do. */
  readonly stack: number;
  /** `RUNTIME_BYTES.own` where they may not. */
  readonly own: number;
}

export const RUNTIME_BYTES = {
  stack: STACK_BYTES,
  own: FAULT_RECORD_BYTES + ProgramCpu.SIZE,
} as const;

/** Callbacks come behind all programs in the program table. */
export const CALLBACK_BASE = 4096;

/** The eBPF programs of one thread. */
export class EbpfRuntime {
  readonly #arena: Arena;
  readonly #dp: DataPlane;
  readonly #memory: RuntimeMemory;
  readonly #view: DataView;
  readonly #stackPointer: WebAssembly.Global;
  readonly #helpers: Readonly<Record<number, BpfFunction>>;
  readonly #kfuncs: Readonly<Record<number, BpfFunction>>;

  constructor(arena: Arena, dp: DataPlane, memory: RuntimeMemory) {
    this.#arena = arena;
    this.#dp = dp;
    this.#memory = memory;
    this.#view = new DataView(arena.memory.buffer);
    const stackTop = memory.stack + STACK_BYTES;
    this.#stackPointer = new WebAssembly.Global({ value: 'i32', mutable: true }, stackTop);
    this.#helpers = helperFunctions(dp);
    this.#kfuncs = kfuncFunctions(dp);
    dp.setFaultRecord(this.#faultRecord);
    dp.setProgramCpu(this.#programCpu);
    dp.setProgramStack(memory.stack, STACK_BYTES);
  }

  get #faultRecord(): number {
    return this.#memory.own;
  }

  get #programCpu(): number {
    return this.#memory.own + FAULT_RECORD_BYTES;
  }

  /** The program's entry, an exported WebAssembly function: what the program table takes. */
  instantiate({ module, callbackBase, callbacks }: CompiledProgram): XdpEntry {
    const { table } = this.#dp;
    const slots = callbackBase + callbacks;
    if (callbacks > 0 && slots > table.length) table.grow(slots - table.length);
    const entry = instantiateXdp(module, {
      memory: this.#arena.memory,
      stackPointer: this.#stackPointer,
      stackLow: this.#memory.stack,
      faultAddress: this.#faultRecord,
      globals: { [PROGRAM_CPU_GLOBAL]: this.#programCpu },
      helpers: this.#helpers,
      check: this.#dp.checkAccess,
      setFrame: this.#dp.setFrame,
      kfuncs: this.#kfuncs,
      table,
      callbackBase,
    });
    // Programs are loaded in the order of their callbacks: those up to here are there.
    if (callbacks > 0) this.#dp.setCallbackSlots(CALLBACK_BASE, slots);
    return entry;
  }

  /** What the program that has just ended did wrong: clears the record. */
  takeFault(name: string, program: CompiledProgram): ProgramFault | undefined {
    const fault = takeFault(this.#view, this.#faultRecord);
    return fault && explainFault(name, program, fault);
  }
}
