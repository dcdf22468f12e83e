import type { MessagePort } from 'node:worker_threads';
import type { HostMemory, ProgramSource } from '../program/host.js';
import type { MapDescription } from '../program/mapRef.js';

/** A program of explored runs; `tableIndex` is the same in all of them. */
export interface ExploredProgram {
  readonly name: string;
  readonly tableIndex: number;
  readonly source: ProgramSource;
}

/** What an explored worker is started with; it serves many runs. */
export interface ExploredTask {
  /** The arena of all runs, one after the other. */
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  /** The schedule's own memory (`sharedState.ts`). */
  readonly schedule: SharedArrayBuffer;
  /** Its number in the schedule. */
  readonly me: number;
  /** Its own in every run. */
  readonly hostMemory: HostMemory;
  readonly programs: readonly ExploredProgram[];
  readonly port: MessagePort;
}

/** Control to worker, one before its first turn in each run. */
export interface RunSetup {
  /** Address of the context that the worker runs. */
  readonly context: number;
  readonly maps: readonly MapDescription[];
}

/** Worker to control. */
export type ExploredMessage =
  | { readonly kind: 'ready' }
  /** It gives up the run. */
  | { readonly kind: 'failed'; readonly error: Error };
