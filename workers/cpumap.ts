import type { WorkerTask } from '../src/machine/workerTask.js';
import { loop } from './loop.js';

/** The cpumap kthreads of one CPU (`cpu_map_kthread_run`). */
export function cpumap(task: WorkerTask): Promise<void> {
  return loop(task);
}
