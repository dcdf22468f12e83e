import type { MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { ContextKind } from '../arena/layout.generated.js';
import { ProgramLoadError, pathOf } from '../program/loadError.js';
import type { LoadedModule } from '../program/loadedModule.js';
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

/** A worker at work. */
export interface RunningWorker<T = void> {
  /** Settles when nothing of it runs any more; rejects where it did not end by itself. */
  readonly ended: Promise<T>;
  /** Ends it by force, wherever it is. */
  kill(): void;
}

export interface LoadOptions {
  /** Gives it up. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** A program module that has not finished loading after this long never will. */
export const LOAD_TIMEOUT_MS = 10_000;
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
  check(threads: number, threadsMax = THREADS_MAX): void {
    const most = Math.min(threadsMax, THREADS_MAX);
    if (this.#reserved + threads > most) {
      const others = this.#reserved === 0 ? '' : ` (other machines have ${this.#reserved})`;
      throw new RangeError(
        `the machine needs ${threads} workers, one for each context; there are at most ${most} threads${others}: ` +
          'use fewer receive queues, CPUs or sockets',
      );
    }
  }

  /** The same, and they are the caller's from now on. */
  reserve(threads: number, threadsMax?: number): void {
    this.check(threads, threadsMax);
    this.#reserved += threads;
  }

  release(threads: number): void {
    this.#reserved -= threads;
  }

  /** Runs one reserved worker until it ends. */
  run(kind: WorkerKind, task: WorkerTask): RunningWorker {
    return this.#start<void>(roles[kind], task, [task.port]);
  }

  /**
   * Imports a program module in a thread, which is then idle for a machine's worker.
   *
   * @throws ProgramLoadError, also where it does not finish; the signal's reason.
   */
  async loadModule(
    url: string,
    { signal, timeoutMs = LOAD_TIMEOUT_MS }: LoadOptions = {},
  ): Promise<LoadedModule> {
    signal?.throwIfAborted();
    this.reserve(1);
    const { ended, kill } = this.#start<LoadedModule>('load', { url }, []);
    const late = AbortSignal.timeout(timeoutMs);
    late.addEventListener('abort', kill);
    signal?.addEventListener('abort', kill);
    try {
      return await ended;
    } catch (error) {
      signal?.throwIfAborted();
      const reason = `${pathOf(url)}: cannot be loaded: it did not finish within ${timeoutMs / 1000} s`;
      // What was thrown there has lost its class on the way here.
      throw new ProgramLoadError(late.aborted ? reason : messageOf(error), { cause: error });
    } finally {
      late.removeEventListener('abort', kill);
      signal?.removeEventListener('abort', kill);
      this.release(1);
    }
  }

  #start<T>(role: string, task: object, transferList: readonly MessagePort[]): RunningWorker<T> {
    const abort = new AbortController();
    const pool = this.#threads(role);
    const done: Promise<T> = pool.run(task, {
      filename: workerFile(role),
      name: role,
      transferList: [...transferList],
      signal: abort.signal,
    });
    let threadGone: Promise<unknown> = Promise.resolve();
    const kill = () => {
      // An aborted task rejects at once, while its thread may go on for a moment.
      const before = pool.threads;
      abort.abort();
      const left = new Set(pool.threads);
      threadGone = Promise.all(
        before.filter((thread) => !left.has(thread)).map((thread) => thread.terminate()),
      );
    };
    const ended = done.finally(() => threadGone);
    return { ended, kill };
  }

  #threads(role: string): Piscina {
    this.#piscina ??= new Piscina({
      filename: workerFile(role),
      minThreads: 0,
      maxThreads: THREADS_MAX,
      idleTimeout: IDLE_TIMEOUT_MS,
      recordTiming: false,
    });
    return this.#piscina;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function workerFile(role: string): string {
  return new URL(`../../workers/${role}.js`, import.meta.url).href;
}

export const workerPool = new WorkerPool();
