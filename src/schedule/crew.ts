import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { HostMemory } from '../program/host.js';
import type { ExploredMessage, ExploredTask, RunSetup } from './exploredTask.js';

/** What all workers of an exploration share. */
export type SharedTask = Omit<ExploredTask, 'me' | 'hostMemory' | 'port'>;

/** The threads of an exploration, a task each for its whole life. Workers count from 1. */
export class Crew {
  readonly #pool: Piscina;
  readonly #workers: readonly CrewMember[];

  /** A worker for each of `hostMemory`. */
  constructor(hostMemory: readonly HostMemory[], shared: SharedTask) {
    const workers = hostMemory.length;
    this.#pool = new Piscina({
      filename: new URL('../../workers/explored.js', import.meta.url).href,
      minThreads: workers,
      maxThreads: workers,
      recordTiming: false,
    });
    this.#workers = hostMemory.map((memory, index) =>
      this.#start({ ...shared, me: index + 1, hostMemory: memory }),
    );
  }

  #start(task: Omit<ExploredTask, 'port'>): CrewMember {
    const { port1, port2 } = new MessageChannel();
    // Only `ready` is awaited by events; a run reads its messages itself.
    port1.unref();
    const ready = new Promise<void>((resolve) => port1.once('message', () => resolve()));
    const ended: Promise<void> = this.#pool.run(
      { ...task, port: port2 },
      { name: 'explored', transferList: [port2] },
    );
    // Reported where it is awaited.
    ended.catch(() => {});
    return { port: port1, ready, ended };
  }

  get size(): number {
    return this.#workers.length;
  }

  /** Every worker has loaded the programs. Throws what kept one from it. */
  async ready(): Promise<void> {
    await Promise.all(
      this.#workers.map(({ port, ready, ended }) => {
        port.ref();
        const died = ended.then(() => {
          throw new Error('an explored worker ended before it was ready');
        });
        return Promise.race([ready, died]).finally(() => port.unref());
      }),
    );
  }

  /** What the worker does in the run that begins. */
  send(worker: number, setup: RunSetup): void {
    this.#workers[worker - 1]!.port.postMessage(setup);
  }

  /** The error that the worker posted, if it did. */
  takeError(worker: number): Error | undefined {
    const received = receiveMessageOnPort(this.#workers[worker - 1]!.port);
    const message = received?.message as ExploredMessage | undefined;
    return message?.kind === 'failed' ? message.error : undefined;
  }

  /** Ends all threads, also those that are stuck. */
  async close(): Promise<void> {
    await this.#pool.destroy();
    for (const { port } of this.#workers) port.close();
  }
}

interface CrewMember {
  readonly port: MessagePort;
  readonly ready: Promise<void>;
  /** The worker's task. */
  readonly ended: Promise<void>;
}
