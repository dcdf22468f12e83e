import type { Program } from '../maps/objects.js';

/** A program of a scenario, and the descriptor that maps are given. */
export interface LoadedProgram {
  readonly program: Program & { readonly tableIndex: number };
  readonly fd: number;
}
