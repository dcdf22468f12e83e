import { isPlainObject } from './schema/blocks.js';
import type { ScenarioInput } from './schema/scenario.js';

type ProgramInput = NonNullable<ScenarioInput['programs']>[string];
type MapInput = NonNullable<ScenarioInput['maps']>[string];
type PartialOfEach<T> = T extends unknown ? Partial<T> : never;

/**
 * What a program module may export as `scenario`: a document in which everything may be left out. The module's default
 * export is the program `main`; a program without `module` is another export of the same module.
 */
export interface ModuleScenario extends Omit<ScenarioInput, 'programs' | 'maps'> {
  readonly programs?: Record<string, Partial<ProgramInput>>;
  /** What an eBPF object says of its own maps need not be said again. */
  readonly maps?: Record<string, PartialOfEach<MapInput>>;
}

/**
 * The document for a program module that is run by itself: what it exports as `scenario`, with the program `main` and,
 * where it declares no devices, the nic `eth0` (ifindex 1) that `main` is attached to.
 *
 * @param module path of the module, as programs are to name it.
 * @param exported the module's `scenario`, unchecked: pass the answer to `resolveScenario`.
 */
export function scenarioOfModule(module: string, exported: unknown = {}): unknown {
  if (!isPlainObject(exported)) return exported;
  const { devices = [{ name: 'eth0', ifindex: 1, program: 'main' }], programs = {} } = exported;
  return {
    ...exported,
    devices,
    programs: isPlainObject(programs) ? withModule(programs, module) : programs,
  };
}

function withModule(programs: Record<string, unknown>, module: string): Record<string, unknown> {
  const entries = Object.entries({ main: {}, ...programs }).map(([name, program]) => {
    return [name, isPlainObject(program) ? { module, ...program } : program] as const;
  });
  return Object.fromEntries(entries);
}
