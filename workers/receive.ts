import type { WorkerTask } from '../src/machine/workerTask.js';
import { loop } from './loop.js';

/** The NAPI polls of one CPU's receive queues. */
export function receive(task: WorkerTask): Promise<void> {
  return loop(task);
}
