import { readFileSync } from 'node:fs';
import type { Arena } from './arena.js';
import type { SchedulePoint } from './atomics.js';
import type { DataPlaneExports } from './exports.generated.js';

/** Which build of the data plane: the explored one asks a schedule before every shared access. */
export type DataPlaneBuild = 'production' | 'explored';

/** One instance of the data plane over an arena: each thread has its own. */
export interface DataPlane extends DataPlaneExports {
  /** Functions of programs by `BpfProg.tableIndex`. */
  readonly table: WebAssembly.Table;
}

const PROGRAM_TABLE_SLOTS = 16;
const modules = new Map<DataPlaneBuild, WebAssembly.Module>();

/** The compiled module, once a process; it can be posted to workers. */
export function dataPlaneModule(build: DataPlaneBuild): WebAssembly.Module {
  let module = modules.get(build);
  if (module === undefined) {
    module = new WebAssembly.Module(
      readFileSync(new URL(`../../dataplane/${build}.wasm`, import.meta.url)),
    );
    modules.set(build, module);
  }
  return module;
}

/** `nowNs`: the clock of trace records. */
export function instantiateDataPlane(
  module: WebAssembly.Module,
  arena: Arena,
  nowNs: () => number,
  schedulePoint: SchedulePoint = () => {},
): DataPlane {
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: PROGRAM_TABLE_SLOTS });
  const instance = new WebAssembly.Instance(module, {
    env: { memory: arena.memory, table, nowNs, wait: arena.waitAt.bind(arena) },
    schedule: { point: schedulePoint },
  });
  // A copy: the exports object is frozen and its look-ups are slower.
  return { ...(instance.exports as unknown as DataPlaneExports), table };
}
