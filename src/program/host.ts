import type { Arena } from '../arena/arena.js';
import type { DataPlane } from '../arena/dataplane.js';
import { XDP, type XdpProgram } from './define.js';
import { importProgramModule, programOf } from './load.js';
import { pathOf } from './loadError.js';
import { type MapDescription, MapRef } from './mapRef.js';
import { installProgram } from './trampoline.js';
import { LOAD_BYTES_MAX, XdpContext } from './xdpContext.js';

/** Where a program comes from. Only modules can be run by workers. */
export type ProgramSource =
  | { readonly kind: 'function'; readonly program: XdpProgram }
  | { readonly kind: 'module'; readonly url: string; readonly exportName: string }
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

/** An exception in a program, or a return value that is no number; the frame was aborted. */
export interface ProgramFault {
  readonly program: string;
  readonly message: string;
  /** The first line of the stack that is the program's own, where there is one. */
  readonly at: string | undefined;
  /** How often it happened since it was last told of: workers gather them. */
  readonly count: number;
}

/** Scratch memory that a host needs. */
export const HOST_SCRATCH_BYTES = 2 * LOAD_BYTES_MAX;

/** The programs of one thread: JavaScript functions behind the data plane's program table. */
export class ProgramHost {
  readonly #arena: Arena;
  readonly #dp: DataPlane;
  readonly #scratch: number;
  readonly #maps: Record<string, MapRef> = {};
  readonly #context: XdpContext;
  readonly #onFault: (fault: ProgramFault) => void;

  /** `scratch`: HOST_SCRATCH_BYTES of the arena that this thread alone uses. */
  constructor(
    arena: Arena,
    dp: DataPlane,
    scratch: number,
    onFault: (fault: ProgramFault) => void,
  ) {
    this.#arena = arena;
    this.#dp = dp;
    this.#scratch = scratch;
    this.#context = new XdpContext(arena, dp, this.#maps, scratch + LOAD_BYTES_MAX);
    this.#onFault = onFault;
  }

  addMap(map: MapDescription): void {
    this.#maps[map.name] = new MapRef(this.#arena, this.#dp, map, {
      address: this.#scratch,
      bytes: LOAD_BYTES_MAX,
    });
  }

  /** Loads a program and puts it in the table. Throws `ProgramLoadError`. */
  async add({ name, tableIndex, source }: ProgramDescription): Promise<void> {
    if (source.kind === 'function') this.addFunction(name, tableIndex, source.program);
    else if (source.kind === 'maker') {
      const module = await import(source.url);
      const make: ProgramMaker<unknown> = module[source.exportName];
      installProgram(this.#dp.table, tableIndex, make(this.#arena, this.#dp, source.data));
    } else {
      const module = await importProgramModule(source.url);
      this.addFunction(name, tableIndex, programOf(module, source.url, source.exportName));
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
