import type { WorkerTask } from '../src/machine/workerTask.js';
import { loop } from './loop.js';

/** The far end of every device: what was transmitted is delivered there. */
export function device(task: WorkerTask): Promise<void> {
  return loop(task);
}
