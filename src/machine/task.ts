import type { RawRecord } from '../trace/records.js';

/** Who did something, as the kernel's tools would name it. */
export interface Task {
  /** Map id of the cpumap entry whose kthread it was, 0 for a softirq. */
  readonly mapId: number;
  /** Of the kthread; 0 for a softirq, which borrows whatever task runs: the idle one here. */
  readonly pid: number;
}

/** Most that a machine has. */
const CPUS_MAX = 256;

/** A map has one kthread on a CPU; those of several maps on one CPU are tasks of their own. */
export function taskOf({ kthreadMapId, cpu }: Pick<RawRecord, 'kthreadMapId' | 'cpu'>): Task {
  return { mapId: kthreadMapId, pid: kthreadMapId === 0 ? 0 : kthreadMapId * CPUS_MAX + cpu };
}
