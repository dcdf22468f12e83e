import { type Fault, formatFault, takeFault } from './fault.js';
import { interpret } from './interp/interpreter.js';
import { RegionMemory } from './interp/memory.js';
import type { BpfProgram } from './isa/program.js';
import { loadProgram } from './isa/program.js';
import { compile } from './jit/compile.js';
import { instantiateRaw } from './jit/instantiate.js';
import { STACK_BYTES } from './limits.js';

/**
 * The plugin protocol of the public bpf_conformance suite: a program and its memory in, the whole of r0 out.
 *
 *     arena:  0        4096             8192    8208       memory.length, in whole pages
 *             +--------+----------------+-------+----------+
 *             | unused |     stack      | fault |  memory  |
 *             +--------+----------------+-------+----------+
 *
 * The program may touch stack and memory, and the fault record between them: nobody else lives here.
 */

export type Engine = 'interp' | 'jit';

const PAGE_BYTES = 65536;
const STACK_LOW = 4096;
const STACK_TOP = STACK_LOW + STACK_BYTES;
const FAULT_ADDRESS = STACK_TOP;
const MEMORY_ADDRESS = FAULT_ADDRESS + 16;
/** `unwind` of uBPF's test programs, the only helper that the suite calls: gives back its argument. */
const UNWIND_HELPER = 5;
const unwind = (r1: bigint) => r1;

/**
 * Runs a program over a copy of `memory` with r1 its address (0 if it is empty) and r2 its length.
 *
 * @returns r0, unsigned
 * @throws {BpfProgramError} the program is malformed
 * @throws {Error} the run ended by a fault
 */
export function runProgram(code: Uint8Array, memory: Uint8Array, engine: Engine): bigint {
  const program = loadProgram(code);
  const pages = Math.ceil((MEMORY_ADDRESS + memory.length) / PAGE_BYTES);
  const arena = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  new Uint8Array(arena.buffer).set(memory, MEMORY_ADDRESS);
  const run = engine === 'interp' ? runInterpreted : runCompiled;
  const { r0, fault } = run(program, arena, memory.length);
  if (fault !== undefined) throw new Error(formatFault(fault));
  return r0;
}

/** What a command does with it: text for standard output and error, and the exit code. */
export interface PluginResult {
  readonly exitCode: 0 | 1;
  readonly output: string;
  readonly error: string;
}

/** `memoryHex` is the optional argument, `input` standard input; both are hex bytes with blanks or none. */
export function runPlugin(memoryHex: string, input: string, engine: Engine): PluginResult {
  try {
    const r0 = runProgram(parseHex('program', input), parseHex('memory', memoryHex), engine);
    return { exitCode: 0, output: `${r0.toString(16)}\n`, error: '' };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { exitCode: 1, output: '', error: `${error.message}\n` };
  }
}

interface Outcome {
  readonly r0: bigint;
  readonly fault: Fault | undefined;
}

function runInterpreted(program: BpfProgram, arena: WebAssembly.Memory, length: number): Outcome {
  const environment = {
    memory: new RegionMemory(arena.buffer, [{ start: STACK_LOW, end: MEMORY_ADDRESS + length }]),
    stackTop: STACK_TOP,
    call: ({ id, args }: { id: number; args: readonly bigint[] }) =>
      id === UNWIND_HELPER ? unwind(args[0]!) : undefined,
  };
  return interpret(program, environment, addressOf(length), BigInt(length));
}

function runCompiled(program: BpfProgram, arena: WebAssembly.Memory, length: number): Outcome {
  const pages = arena.buffer.byteLength / PAGE_BYTES;
  const { bytes } = compile(program, {
    bounds: { kind: 'window', low: STACK_LOW, high: MEMORY_ADDRESS + length },
    memory: { initialPages: pages, maximumPages: pages, shared: true },
    entry: 'raw',
    hasHelper: (id) => id === UNWIND_HELPER,
  });
  const run = instantiateRaw(new WebAssembly.Module(bytes), {
    memory: arena,
    stackPointer: new WebAssembly.Global({ value: 'i32', mutable: true }, STACK_TOP),
    stackLow: STACK_LOW,
    faultAddress: FAULT_ADDRESS,
    helpers: { [UNWIND_HELPER]: unwind },
    table: new WebAssembly.Table({ element: 'anyfunc', initial: program.callbacks.length }),
    callbackBase: 0,
  });
  const r0 = run(addressOf(length), BigInt(length));
  return { r0, fault: takeFault(new DataView(arena.buffer), FAULT_ADDRESS) };
}

function addressOf(length: number): bigint {
  return length === 0 ? 0n : BigInt(MEMORY_ADDRESS);
}

function parseHex(what: string, text: string): Uint8Array {
  const digits = text.replace(/\s+/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits))
    throw new TypeError(`${what}: expected hex bytes, found \`${text.trim()}\``);
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}
