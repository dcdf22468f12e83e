import { type LoadedModule, loadModule } from '../src/program/loadedModule.js';

/**
 * A program module before there is a machine: at its top level it may do anything, and a thread can be ended. The thread
 * is then a worker's, which has the module already.
 */
export function load({ url }: { readonly url: string }): Promise<LoadedModule> {
  return loadModule(url);
}
