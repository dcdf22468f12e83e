import type { FunctionType } from '../../wasm/functionBody.js';
import type { ModuleBuilder } from '../../wasm/moduleBuilder.js';
import type { BpfProgram } from '../isa/program.js';
import { DEFAULT_BUDGET } from '../limits.js';
import type { JitOptions } from './options.js';

/** Of helpers, kfuncs and the program's own functions alike: r1..r5 to r0. */
export const bpfFunctionType: FunctionType = {
  params: ['i64', 'i64', 'i64', 'i64', 'i64'],
  results: ['i64'],
};
const checkType: FunctionType = { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] };
const frameType: FunctionType = { params: ['i32'], results: [] };

/** The module's imports and shared parts, by index: what every function of a program may refer to. */
export interface JitEnvironment {
  readonly options: JitOptions;
  readonly program: BpfProgram;
  readonly budgetInsns: number;
  /** Imported mutable i32: the top of the next frame. A function that may call moves it below its own. */
  readonly stackPointer: number;
  /** Imported i32: frames below here are too many. */
  readonly stackLow: number;
  /** Imported i32: where the fault record is. */
  readonly faultAddress: number;
  /** Imported i32, if the program has callbacks: their first slot in the imported table. */
  readonly callbackBase: number | undefined;
  /** Own mutable i32, if the program has more than one function: what is left of the budget. */
  readonly budgetGlobal: number | undefined;
  /** Own mutable i32, for functions that get the context from another: where it is. */
  readonly contextGlobal: number | undefined;
  /** With checked bounds: who is asked about an access, and told of the frame that a helper is called from. */
  readonly checkFunction: number | undefined;
  readonly frameFunction: number | undefined;
  /** Of inline helpers, by name. */
  readonly globals: ReadonlyMap<string, number>;
  readonly helpers: ReadonlyMap<number, number>;
  readonly kfuncs: ReadonlyMap<number, number>;
}

/** Declares all imports, then what the module itself has beside the program's functions. */
export function declareEnvironment(
  builder: ModuleBuilder,
  program: BpfProgram,
  options: JitOptions,
): JitEnvironment {
  const constant = { type: 'i32', mutable: false } as const;
  builder.importMemory('env', 'memory', options.memory);
  const stackPointer = builder.importGlobal('env', 'stackPointer', { type: 'i32', mutable: true });
  const stackLow = builder.importGlobal('env', 'stackLow', constant);
  const faultAddress = builder.importGlobal('env', 'faultAddress', constant);
  const hasCallbacks = program.callbacks.length > 0;
  if (hasCallbacks) builder.importTable('env', 'table', 0);
  const callbackBase = hasCallbacks
    ? builder.importGlobal('env', 'callbackBase', constant)
    : undefined;
  const globals = new Map(
    options.globals?.map((name) => [name, builder.importGlobal('env', name, constant)]),
  );
  const isChecked = options.bounds.kind === 'checked';
  const checkFunction = isChecked ? builder.importFunction('env', 'check', checkType) : undefined;
  const frameFunction = isChecked
    ? builder.importFunction('env', 'setFrame', frameType)
    : undefined;
  const { hasHelper = () => true } = options;
  const helpers = importCalled(builder, program, 'helper', hasHelper);
  const kfuncs = importCalled(builder, program, 'kfunc', () => true);
  const ownGlobal = () => builder.global({ type: 'i32', mutable: true }, 0);
  const hasSubprograms = program.subprograms.length > 1;
  const budgetGlobal = hasSubprograms ? ownGlobal() : undefined;
  const contextGlobal = hasSubprograms && (options.contextBytes ?? 0) > 0 ? ownGlobal() : undefined;
  return {
    options,
    program,
    budgetInsns: options.budgetInsns ?? DEFAULT_BUDGET,
    stackPointer,
    stackLow,
    faultAddress,
    callbackBase,
    budgetGlobal,
    contextGlobal,
    checkFunction,
    frameFunction,
    globals,
    helpers,
    kfuncs,
  };
}

/** Ids of the helpers or kfuncs that a program calls, ascending. */
export function calledIds({ insns }: BpfProgram, callee: 'helper' | 'kfunc'): number[] {
  const ids = new Set<number>();
  for (const { form, imm } of insns)
    if (form.does.kind === 'call' && form.does.callee === callee) ids.add(imm);
  return [...ids].sort((a, b) => a - b);
}

function importCalled(
  builder: ModuleBuilder,
  program: BpfProgram,
  callee: 'helper' | 'kfunc',
  exists: (id: number) => boolean,
): Map<number, number> {
  return new Map(
    calledIds(program, callee)
      .filter(exists)
      .map((id) => [id, builder.importFunction(callee, String(id), bpfFunctionType)]),
  );
}
