import { type Fault, takeFault } from '../../src/bpf/fault.js';
import type { Environment } from '../../src/bpf/interp/environment.js';
import { interpret } from '../../src/bpf/interp/interpreter.js';
import { RegionMemory } from '../../src/bpf/interp/memory.js';
import type { BpfProgram } from '../../src/bpf/isa/program.js';
import { compile } from '../../src/bpf/jit/compile.js';
import { instantiateRaw, type JitHost } from '../../src/bpf/jit/instantiate.js';
import type { BoundsPolicy, JitOptions } from '../../src/bpf/jit/options.js';
import { STACK_BYTES } from '../../src/bpf/limits.js';

/**
 * One arena for the tests of both engines: a context at the window's end, right above the stack, and room around it.
 */
const PAGES = 8;
export const STACK_LOW = 3 * 65536;
export const STACK_TOP = STACK_LOW + STACK_BYTES;
export const CONTEXT_ADDRESS = STACK_TOP;
export const FAULT_ADDRESS = 64;

const arena = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
export const arenaView = new DataView(arena.buffer);

export interface Outcome {
  readonly r0: bigint;
  readonly fault: Fault | undefined;
  /** Stack and context after the run. */
  readonly memory: Uint8Array;
}

export interface Setup {
  /** Its length ends the window. */
  readonly context: Uint8Array;
  /** The context's address if not given. */
  readonly r1?: number;
  readonly budgetInsns?: number;
  readonly helpers?: Environment['call'];
  /** Bounds: exactly the window, the window with gaps, or every access asked about. Exact if not given. */
  readonly mode?: 'exact' | 'gaps' | 'checked';
  readonly jit?: Partial<JitOptions>;
  readonly host?: Partial<JitHost>;
}

export function runInterpreted(program: BpfProgram, setup: Setup): Outcome {
  prepare(setup);
  const { r0, fault } = interpret(
    program,
    {
      memory: new RegionMemory(arena.buffer, [{ start: STACK_LOW, end: endOf(setup) }]),
      stackTop: STACK_TOP,
      call: setup.helpers ?? (() => undefined),
      ...(setup.budgetInsns !== undefined && { budgetInsns: setup.budgetInsns }),
    },
    BigInt(CONTEXT_ADDRESS),
    BigInt(setup.context.length),
  );
  return { r0, fault, memory: snapshot(setup) };
}

export function runCompiled(program: BpfProgram, setup: Setup): Outcome {
  prepare(setup);
  const module = compile(program, {
    bounds: boundsOf(setup),
    memory: { initialPages: PAGES, maximumPages: PAGES, shared: true },
    entry: 'raw',
    ...(setup.budgetInsns !== undefined && { budgetInsns: setup.budgetInsns }),
    ...setup.jit,
  });
  const stackPointer = new WebAssembly.Global({ value: 'i32', mutable: true }, STACK_TOP);
  const run = instantiateRaw(new WebAssembly.Module(module.bytes), {
    memory: arena,
    stackPointer,
    stackLow: STACK_LOW,
    faultAddress: FAULT_ADDRESS,
    helpers: Object.fromEntries(module.helpers.map((id) => [id, helper(id, setup)])),
    // Refuses nothing that the window allows, so that all modes agree.
    check: (address, sizeBytes) => Number(address + sizeBytes <= endOf(setup)),
    setFrame: () => {},
    ...setup.host,
  });
  const r0 = run(BigInt(setup.r1 ?? CONTEXT_ADDRESS), BigInt(setup.context.length));
  if (stackPointer.value !== STACK_TOP)
    throw new Error(
      `stack pointer: expected ${STACK_TOP} after the run, found ${stackPointer.value}`,
    );
  return { r0, fault: takeFault(arenaView, FAULT_ADDRESS), memory: snapshot(setup) };
}

function boundsOf(setup: Setup): BoundsPolicy {
  const window = { low: STACK_LOW, high: endOf(setup) };
  if (setup.mode === 'checked') return { kind: 'checked', ...window };
  return { kind: 'window', ...window, gaps: setup.mode === 'gaps' };
}

function helper(id: number, { helpers }: Setup) {
  return (...args: bigint[]) => {
    const unsigned = args.map((arg) => BigInt.asUintN(64, arg));
    const invoke = () => {
      throw new Error('callbacks of compiled programs go through the table');
    };
    return helpers?.({ callee: 'helper', id, args: unsigned, invoke }) ?? 0n;
  };
}

function prepare({ context }: Setup): void {
  const bytes = new Uint8Array(arena.buffer);
  bytes.fill(0, STACK_LOW, STACK_TOP);
  bytes.set(context, CONTEXT_ADDRESS);
}

function snapshot(setup: Setup): Uint8Array {
  return new Uint8Array(arena.buffer).slice(STACK_LOW, endOf(setup));
}

function endOf({ context }: Setup): number {
  return CONTEXT_ADDRESS + context.length;
}
