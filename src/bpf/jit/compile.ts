import type { FunctionType } from '../../wasm/functionBody.js';
import { ModuleBuilder } from '../../wasm/moduleBuilder.js';
import type { BpfProgram } from '../isa/program.js';
import { DEFAULT_BUDGET } from '../limits.js';
import { bpfFunctionType, calledIds, declareEnvironment } from './environment.js';
import { FunctionContext, type Role } from './functionContext.js';
import { mayCallBack, writeFunction } from './functionWriter.js';
import { type BoundsPolicy, GAP_BYTES, type JitOptions } from './options.js';

/** A program as a WebAssembly module, not yet bound to a memory. */
export interface JitModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Ids of the helpers and kfuncs that it imports, from `helper` and `kfunc`. */
  readonly helpers: readonly number[];
  readonly kfuncs: readonly number[];
  /** Slots that its callbacks take in the imported table. */
  readonly callbacks: number;
}

const entryTypes: Readonly<Record<JitOptions['entry'], FunctionType>> = {
  xdp: { params: ['i32'], results: ['i32'] },
  raw: { params: ['i64', 'i64'], results: ['i64'] },
};
const entryNames: Readonly<Record<JitOptions['entry'], string>> = { xdp: 'run', raw: 'run64' };

/**
 * Compiles a program to one WebAssembly module. What the module expects of its host is in `instantiate.ts`.
 *
 * @throws {RangeError} the bounds are empty or do not fit 32-bit addresses, or the budget is not an i32
 */
export function compile(program: BpfProgram, options: JitOptions): JitModule {
  checkBounds(options.bounds);
  checkBudget(options.budgetInsns);
  const builder = new ModuleBuilder();
  const environment = declareEnvironment(builder, program, options);
  const declared = program.subprograms.map((subprogram, index) => ({
    subprogram,
    role: index === 0 ? options.entry : ('subprogram' as Role),
    ...builder.function(index === 0 ? entryTypes[options.entry] : bpfFunctionType),
  }));
  const indexes = new Map(declared.map(({ subprogram, index }) => [subprogram.start, index]));
  for (const { subprogram, role, body } of declared) {
    const reservesFrame = mayCallBack(program, subprogram);
    writeFunction(new FunctionContext(environment, body, role, reservesFrame), subprogram, indexes);
  }
  builder.exportFunction(entryNames[options.entry], declared[0]!.index);
  if (environment.callbackBase !== undefined)
    builder.fillTable(
      environment.callbackBase,
      program.callbacks.map((start) => indexes.get(start)!),
    );
  return {
    bytes: builder.encode(),
    helpers: [...environment.helpers.keys()],
    kfuncs: calledIds(program, 'kfunc'),
    callbacks: program.callbacks.length,
  };
}

function checkBounds({ kind, low, high, gaps = false }: BoundsPolicy): void {
  const margin = gaps ? GAP_BYTES : 0;
  if (!(low >= margin && low + 8 <= high && high + margin <= 2 ** 32))
    throw new RangeError(
      `bounds: expected ${margin} <= low, low + 8 <= high <= 2^32 - ${margin}, found ${low}, ${high}`,
    );
  if (gaps && kind === 'checked')
    throw new RangeError('bounds: checked bounds are exact, they have no gaps');
}

function checkBudget(budgetInsns = DEFAULT_BUDGET): void {
  if (!(budgetInsns >= 1 && budgetInsns < 2 ** 31))
    throw new RangeError(`budgetInsns: expected 1..2^31-1, found ${budgetInsns}`);
}
