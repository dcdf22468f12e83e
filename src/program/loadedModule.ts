import { importProgramModule, kindsOfExports } from './load.js';
import { ProgramLoadError, pathOf } from './loadError.js';

/** What another thread is told of a program module: programs themselves cannot be sent. */
export interface LoadedModule {
  /** What each export is: `program`, or what `typeof` says. */
  readonly exports: Readonly<Record<string, string>>;
  /** Its export of that name. */
  readonly scenario: unknown;
}

/** Imports a program module in this thread. Throws ProgramLoadError. */
export async function loadModule(url: string): Promise<LoadedModule> {
  const module = await importProgramModule(url);
  try {
    return { exports: kindsOfExports(module), scenario: structuredClone(module['scenario']) };
  } catch (error) {
    throw new ProgramLoadError(
      `${pathOf(url)}: expected export "scenario" to be plain data, found what is not: ${(error as Error).message}`,
      { cause: error },
    );
  }
}
