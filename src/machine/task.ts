import type { RawRecord } from '../trace/records.js';

/** Who did something, as the kernel's tools would name it. */
export interface Task {
  /** Map id of the cpumap entry whose kthread it was, 0 for a softirq. */
  readonly mapId: number;
  /** Of the kthread; 0 for a softirq, which borrows whatever task runs: the idle one here. */
  readonly pid: number;
}

export function taskOf({ kthreadMapId, contextId }: RawRecord): Task {
  return { mapId: kthreadMapId, pid: kthreadMapId === 0 ? 0 : contextId };
}
