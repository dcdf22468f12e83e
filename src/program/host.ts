import type { Arena } from '../arena/arena.js';
import type { DataPlane } from '../arena/dataplane.js';
import { BpfProg } from '../arena/layout.generated.js';
import { XDP, type XdpProgram } from './define.js';
import type { CompiledProgram } from './ebpf/compileProgram.js';
import { EbpfRuntime, RUNTIME_BYTES } from './ebpf/runtime.js';
import { importProgramModule, programOf } from './load.js';
import { pathOf } from './loadError.js';
import { type MapDescription, MapRef } from './mapRef.js';
import { installEntry, installProgram } from './trampoline.js';
import { LOAD_BYTES_MAX, XdpContext } from './xdpContext.js';

/** Where a program comes from. Functions cannot be run by workers. */
export type ProgramSource =
  | { readonly kind: 'function'; readonly program: XdpProgram }
  | { readonly kind: 'module'; readonly url: string; readonly exportName: string }
  | { readonly kind: 'ebpf'; readonly program: CompiledProgram }
  | {
      readonly kind: 'maker';
      readonly url: string;
      /** A `ProgramMaker`. */
      readonly exportName: string;
      readonly data: unknown;
    };

/** Makes a program, a function of the `xdp_buff`'s address, out of what was posted to the thread. */
export type ProgramMaker<T> = (arena: Arena, dp: DataPlane, data: T) => (xdp: number) => number;

export interface ProgramDescription {
  readonly name: string;
  readonly tableIndex: number;
  readonly source: ProgramSource;
}

/**
 * What a program did that its verifier or type checker would have refused: an exception, a return value that is no
 * number, an access outside of what is its own. The frame was aborted.
 */
export interface ProgramFault {
  readonly program: string;
  readonly message: string;
  /** The message in which no address or value stands: what the same fault with another one has in common with it. */
  readonly alike?: string;
  /** The place in the program's source, where it is known. */
  readonly at: string | undefined;
  /** How often it happened since it was last told of: workers gather them. */
  readonly count: number;
}

/** Memory that one thread's host has to itself. */
export interface HostMemory {
  readonly scratch: number;
  /** Where programs may write. */
  readonly stack: number;
}

/** Allocates a host's memory. */
export function allocateHostMemory(arena: Arena): HostMemory {
  return {
    scratch: arena.allocate(2 * LOAD_BYTES_MAX + RUNTIME_BYTES.own),
    stack: arena.allocateForPrograms(RUNTIME_BYTES.stack),
  };
}

/** Slot of the data plane's table whose function is told of faults in compiled programs (`context/fault.ts`). */
const FAULT_HANDLER_SLOT = 0;

/** The programs of one thread: functions behind the data plane's program table. */
export class ProgramHost {
  readonly #arena: Arena;
  readonly #dp: DataPlane;
  readonly #scratch: number;
  readonly #maps: Record<string, MapRef> = {};
  readonly #context: XdpContext;
  readonly #ebpf: EbpfRuntime;
  /** By their place in the table. */
  readonly #compiled = new Map<
    number,
    { readonly name: string; readonly program: CompiledProgram }
  >();
  readonly #onFault: (fault: ProgramFault) => void;

  constructor(
    arena: Arena,
    dp: DataPlane,
    { scratch, stack }: HostMemory,
    onFault: (fault: ProgramFault) => void,
  ) {
    this.#arena = arena;
    this.#dp = dp;
    this.#scratch = scratch;
    this.#context = new XdpContext(arena, dp, this.#maps, scratch + LOAD_BYTES_MAX);
    this.#ebpf = new EbpfRuntime(arena, dp, { stack, own: scratch + 2 * LOAD_BYTES_MAX });
    this.#onFault = onFault;
    installProgram(dp.table, FAULT_HANDLER_SLOT, (prog) => this.#takeFault(prog));
  }

  addMap(map: MapDescription): void {
    this.#maps[map.name] = new MapRef(this.#arena, this.#dp, map, {
      address: this.#scratch,
      bytes: LOAD_BYTES_MAX,
    });
  }

  /** Loads a program and puts it in the table. Throws `ProgramLoadError`. */
  async add({ name, tableIndex, source }: ProgramDescription): Promise<void> {
    switch (source.kind) {
      case 'function':
        this.addFunction(name, tableIndex, source.program);
        break;
      case 'module': {
        const module = await importProgramModule(source.url);
        this.addFunction(name, tableIndex, programOf(module, source.url, source.exportName));
        break;
      }
      case 'ebpf':
        this.#compiled.set(tableIndex, { name, program: source.program });
        installEntry(this.#dp.table, tableIndex, this.#ebpf.instantiate(source.program));
        break;
      case 'maker': {
        const module = await import(source.url);
        const make: ProgramMaker<unknown> = module[source.exportName];
        installProgram(this.#dp.table, tableIndex, make(this.#arena, this.#dp, source.data));
        break;
      }
    }
  }

  addFunction(name: string, tableIndex: number, { run }: XdpProgram): void {
    const context = this.#context;
    const entry = (xdp: number): number => {
      try {
        const action = run(context.enter(xdp));
        if (typeof action === 'number') return action;
        this.#onFault({
          program: name,
          message: `returned ${describe(action)}, not an action`,
          at: undefined,
          count: 1,
        });
      } catch (error) {
        this.#onFault(faultOf(name, error));
      }
      return XDP.ABORTED;
    };
    installProgram(this.#dp.table, tableIndex, entry);
  }

  #takeFault(prog: number): number {
    const { name, program } = this.#compiled.get(this.#arena.get(prog, BpfProg.tableIndex))!;
    const fault = this.#ebpf.takeFault(name, program);
    if (fault !== undefined) this.#onFault(fault);
    return XDP.ABORTED;
  }
}

function describe(value: unknown): string {
  return value instanceof Promise ? 'a promise' : value === null ? 'null' : typeof value;
}

function faultOf(program: string, error: unknown): ProgramFault {
  if (!(error instanceof Error))
    return { program, message: `threw ${String(error)}`, at: undefined, count: 1 };
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '));
  const own = frames.find(
    (line) => !line.includes(import.meta.url) && !/xdpContext|mapRef/.test(line),
  );
  const at = own === undefined ? undefined : placeOf(own);
  return { program, message: `${error.name}: ${error.message}`, at, count: 1 };
}

/** A line of a stack with a path where it has a file's URL: `at run (/home/me/program.ts:3:14)`. */
function placeOf(line: string): string {
  return line.trim().replace(/(file:[^\s()]+?)((?::[0-9]+)+)/, (_, url: string, place: string) => {
    return `${pathOf(url)}${place}`;
  });
}
