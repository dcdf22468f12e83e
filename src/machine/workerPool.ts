import { Piscina } from 'piscina';
import { ContextKind } from '../arena/layout.generated.js';
import type { WorkerTask } from './workerTask.js';

/** Entry of each role, in `workers/`. */
const roles = {
  [ContextKind.RECEIVE]: 'receive',
  [ContextKind.CPUMAP]: 'cpumap',
  [ContextKind.DEVICE]: 'device',
  [ContextKind.SOCKET]: 'socket',
} as const;
export type WorkerKind = keyof typeof roles;

/** What a role is called in messages. */
export function roleName(kind: WorkerKind): string {
  return roles[kind];
}

/** Threads that all machines of the process have together, at most. */
export const THREADS_MAX = 512;
/** An idle thread is kept this long for the next machine: starting one takes 30 ms. */
const IDLE_TIMEOUT_MS = 10_000;

/**
 * The threads of the process, shared by its machines. A task runs for the life of its machine, so one that would queue
 * behind others would never start: whoever starts tasks reserves their threads first.
 */
class WorkerPool {
  #piscina: Piscina | undefined;
  #reserved = 0;

  /** Throws RangeError where there are not that many threads. */
  reserve(threads: number, threadsMax = THREADS_MAX): void {
    const most = Math.min(threadsMax, THREADS_MAX);
    if (this.#reserved + threads > most) {
      const others = this.#reserved === 0 ? '' : ` (other machines have ${this.#reserved})`;
      throw new RangeError(
        `the machine needs ${threads} workers, one for each context; there are at most ${most} threads${others}: ` +
          'use fewer receive queues, CPUs or sockets',
      );
    }
    this.#reserved += threads;
  }

  release(threads: number): void {
    this.#reserved -= threads;
  }

  /** Runs one reserved worker until it ends; `signal` ends it by force. */
  run(kind: WorkerKind, task: WorkerTask, signal: AbortSignal): Promise<void> {
    const role = roles[kind];
    this.#piscina ??= new Piscina({
      filename: workerFile(role),
      minThreads: 0,
      maxThreads: THREADS_MAX,
      idleTimeout: IDLE_TIMEOUT_MS,
      recordTiming: false,
    });
    return this.#piscina.run(task, {
      filename: workerFile(role),
      name: role,
      transferList: [task.port],
      signal,
    });
  }
}

function workerFile(role: string): string {
  return new URL(`../../workers/${role}.js`, import.meta.url).href;
}

export const workerPool = new WorkerPool();
