import { ScenarioError } from '../../src/scenario/error.js';

/** The lines of the `ScenarioError` that `run` throws, without the name of the source. */
export function issuesOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.message.split('\n').map((line) => line.slice(line.indexOf(': ') + 2));
  }
  return [];
}
