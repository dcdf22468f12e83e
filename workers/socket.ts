import type { WorkerTask } from '../src/machine/workerTask.js';
import { loop } from './loop.js';

/** The applications on the AF_XDP sockets. */
export function socket(task: WorkerTask): Promise<void> {
  return loop(task);
}
