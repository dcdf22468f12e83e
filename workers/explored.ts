import type { ExploredTask } from '../src/schedule/exploredTask.js';
import { serveRuns } from '../src/schedule/exploredWorker.js';

/** Any context, under a controlled schedule. */
export function explored(task: ExploredTask): Promise<never> {
  return serveRuns(task);
}
