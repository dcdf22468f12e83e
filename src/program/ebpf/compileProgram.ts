import type { Arena } from '../../arena/arena.js';
import { MACHINE_ADDRESS, Machine, ProgramCpu, XdpBuff } from '../../arena/layout.generated.js';
import type { Btf } from '../../bpf/btf/btf.js';
import { BpfObjectError } from '../../bpf/elf/objectError.js';
import { BpfProgramError } from '../../bpf/isa/error.js';
import { loadProgram } from '../../bpf/isa/program.js';
import { compile } from '../../bpf/jit/compile.js';
import type { BoundsPolicy, JitOptions } from '../../bpf/jit/options.js';
import { applyCoreRelocations } from '../../bpf/spec/core/applyCoreRelocations.js';
import { linkProgram, type Resolve } from '../../bpf/spec/linkProgram.js';
import {
  describeUnsupported,
  lineAt,
  type ObjectSpec,
  type ProgramLine,
  type ProgramSpec,
  type Unsupported,
} from '../../bpf/spec/objectSpec.js';
import { ProgramLoadError } from '../loadError.js';
import { hasHelper } from './helpers.js';
import { inlineHelpers, PROGRAM_CPU_GLOBAL } from './inlineHelpers.js';
import { obstaclesOf } from './objectPrograms.js';

/** A program of an object, compiled for one machine: every worker instantiates the same module. */
export interface CompiledProgram {
  readonly module: WebAssembly.Module;
  readonly moduleBytes: number;
  /** First of the slots that its callbacks take in the program table. */
  readonly callbackBase: number;
  readonly callbacks: number;
  /** What a fault is explained with. */
  readonly code: Uint8Array;
  readonly lines: readonly ProgramLine[];
  readonly poisoned: readonly Unsupported[];
}

export interface CompileOptions {
  readonly arena: Arena;
  /** Exact bounds for every access, at some cost. */
  readonly checked: boolean;
  /** Types of the system to run on; the object's own by default. */
  readonly targetBtf?: Btf;
  readonly resolve: Resolve;
  /** Addresses of the object's maps; undefined where every helper is to be called, as when a schedule is explored. */
  readonly inlineMaps: ReadonlySet<number> | undefined;
  readonly callbackBase: number;
}

/** The fields of `struct xdp_md`, which an `XdpBuff` begins with. */
const CONTEXT_BYTES = XdpBuff.egressIfindex.offset + 4;
const PAGE_BYTES = 65536;
/** Where the arena keeps up to where programs may touch it: maps that come later are inside. */
const PROGRAM_HIGH = MACHINE_ADDRESS + Machine.programHigh.offset;

/** Links and compiles a program. Throws `ProgramLoadError`: one line that names object, program and place. */
export function compileProgram(
  object: ObjectSpec,
  program: ProgramSpec,
  options: CompileOptions,
): CompiledProgram {
  const { callbackBase } = options;
  const supported = { ...program, unsupported: obstaclesOf(program) };
  try {
    const adapted =
      object.btf === undefined
        ? supported
        : applyCoreRelocations(supported, object.btf, options.targetBtf);
    const code = linkProgram(adapted, options.resolve);
    const { bytes, callbacks } = compile(loadProgram(code), jitOptions(options));
    const module = new WebAssembly.Module(bytes);
    const { lines, poisoned } = adapted;
    const moduleBytes = bytes.length;
    return { module, moduleBytes, callbackBase, callbacks, code, lines, poisoned };
  } catch (error) {
    throw loadError(object, program, error);
  }
}

function jitOptions({ arena, checked, inlineMaps }: CompileOptions): JitOptions {
  const { low, high } = arena.programWindow;
  const bounds: BoundsPolicy = checked
    ? { kind: 'checked', low, high }
    : { kind: 'window', low, high, gaps: true, highAt: PROGRAM_HIGH };
  const pages = arena.u8.length / PAGE_BYTES;
  return {
    bounds,
    memory: { initialPages: pages, maximumPages: pages, shared: true },
    entry: 'xdp',
    contextBytes: CONTEXT_BYTES,
    hasHelper,
    globals: [PROGRAM_CPU_GLOBAL],
    spent: { global: PROGRAM_CPU_GLOBAL, offset: ProgramCpu.spent.offset },
    ...(inlineMaps !== undefined && { inlineHelpers: inlineHelpers(arena, inlineMaps) }),
  };
}

function loadError(object: ObjectSpec, program: ProgramSpec, error: unknown): unknown {
  if (error instanceof BpfObjectError)
    return new ProgramLoadError(`${object.name}: ${error.message}`, { cause: error });
  if (!(error instanceof BpfProgramError)) return error;
  const { slot, problem } = error;
  const line = lineAt(program.lines, slot);
  const place = { section: program.section, insnIndex: slot, ...(line !== undefined && { line }) };
  const reason = describeUnsupported({ ...place, reason: problem });
  return new ProgramLoadError(`${object.name}: program ${program.name}: ${reason}`, {
    cause: error,
  });
}
