import type { Task } from '../../machine/task.js';
import { kthreadComm } from '../../trace/comm.js';
import type { TraceFileEvent } from './traceFile.js';

export interface Track {
  readonly pid: number;
  readonly tid: number;
  /** What is done there, in a word. */
  readonly work: string;
}

/** What runs on no emulated CPU. */
export type Outside = 'wire' | 'application' | 'control';

/** Processes of the file: frames and rings, then each CPU, then what is outside of CPUs. */
const MACHINE_PID = 1;
const FIRST_CPU_PID = 2;
const OUTSIDE_PID = 1_000_000;
/** Async slices and counters are the process's, not a thread's. */
export const MACHINE_TRACK = { pid: MACHINE_PID } as const;

const SOFTIRQ_TID = 1;
const outside: Readonly<Record<Outside, { readonly tid: number; readonly name: string }>> = {
  wire: { tid: 1, name: 'far ends of devices' },
  application: { tid: 2, name: 'applications on sockets' },
  control: { tid: 3, name: 'control' },
};

/** A track for each context; its name is written when it comes up first. */
export class Tracks {
  readonly #write: (event: TraceFileEvent) => void;
  readonly #tracks = new Map<string, Track>();
  readonly #processes = new Set<number>();

  constructor(write: (event: TraceFileEvent) => void) {
    this.#write = write;
    this.#nameProcess(MACHINE_PID, 'machine');
  }

  /** Of what is done on `cpu`, -1 for what is `otherwise`. */
  of(cpu: number, { mapId }: Task, otherwise: Outside): Track {
    if (cpu < 0) {
      const { tid, name } = outside[otherwise];
      return this.#track(OUTSIDE_PID, 'outside of CPUs', { tid, name, work: otherwise });
    }
    const pid = FIRST_CPU_PID + cpu;
    if (mapId === 0) {
      const softirq = { tid: SOFTIRQ_TID, name: 'NAPI softirq', work: 'poll' };
      return this.#track(pid, `CPU ${cpu}`, softirq);
    }
    const kthread = {
      tid: SOFTIRQ_TID + mapId,
      name: kthreadComm(cpu, mapId),
      work: 'kthread',
    };
    return this.#track(pid, `CPU ${cpu}`, kthread);
  }

  #track(
    pid: number,
    processName: string,
    { tid, name, work }: { readonly tid: number; readonly name: string; readonly work: string },
  ): Track {
    const key = `${pid} ${tid}`;
    const known = this.#tracks.get(key);
    if (known !== undefined) return known;
    this.#nameProcess(pid, processName);
    this.#write({ ph: 'M', name: 'thread_name', pid, tid, args: { name } });
    const track = { pid, tid, work };
    this.#tracks.set(key, track);
    return track;
  }

  #nameProcess(pid: number, name: string): void {
    if (this.#processes.has(pid)) return;
    this.#processes.add(pid);
    this.#write({ ph: 'M', name: 'process_name', pid, args: { name } });
    this.#write({ ph: 'M', name: 'process_sort_index', pid, args: { sort_index: pid } });
  }
}
