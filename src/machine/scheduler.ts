import { Context, ContextKind, ContextWake } from '../arena/layout.generated.js';
import {
  allocateHostMemory,
  type ProgramDescription,
  type ProgramFault,
  ProgramHost,
} from '../program/host.js';
import type { MapDescription } from '../program/mapRef.js';
import { workerContexts } from './assemble.js';
import { Crew, type CrewOptions, WorkerDiedError } from './crew.js';
import type { System } from './system.js';

/** How a machine's contexts are made to run: on workers, or by steps on the calling thread. */
export interface Scheduler {
  /** Before the first frame: every context has what it runs on. */
  start(): Promise<void>;
  /** A context was made after `start`. */
  noteContext(): void;
  addMap(map: MapDescription): Promise<void>;
  addProgram(program: ProgramDescription): Promise<void>;
  /** Lets the contexts run for a moment; true while there was something to do. */
  advance(): Promise<boolean>;
  /** Whether nothing will happen any more without something from outside. */
  isIdle(): boolean;
  stop(): Promise<void>;
}

/** Steps every context in turn on the calling thread: deterministic, and as quick to start as it gets. */
export class InProcessScheduler implements Scheduler {
  readonly #system: System;
  readonly #host: ProgramHost;
  #idle = true;

  constructor(system: System, onFault: (fault: ProgramFault) => void) {
    this.#system = system;
    this.#host = new ProgramHost(
      system.arena,
      system.dp,
      allocateHostMemory(system.arena),
      onFault,
    );
  }

  async start(): Promise<void> {}

  noteContext(): void {}

  async addMap(map: MapDescription): Promise<void> {
    this.#host.addMap(map);
  }

  async addProgram(program: ProgramDescription): Promise<void> {
    await this.#host.add(program);
  }

  /** One round: a step of each context. */
  async advance(): Promise<boolean> {
    const { dp, kernel, control } = this.#system;
    let moved = 0;
    for (const { kind, address } of kernel.contexts) {
      if (kind !== ContextKind.CONTROL) moved += dp.contextStep(address);
    }
    dp.setCurrent(control.address);
    this.#system.housekeep();
    this.#idle = moved === 0;
    return !this.#idle;
  }

  isIdle(): boolean {
    return this.#idle;
  }

  async stop(): Promise<void> {}
}

/** Workers run the contexts by themselves; the calling thread only looks. */
export class ThreadScheduler implements Scheduler {
  readonly crew: Crew;
  readonly #system: System;
  #started = 0;
  #ready: Promise<unknown> = Promise.resolve();
  #hasStarted = false;
  /** Why a worker that an update of a map needs could not be started. */
  #failure: { readonly error: unknown } | undefined;

  constructor(system: System, options: CrewOptions) {
    this.#system = system;
    this.crew = new Crew(system, options);
  }

  /** Rejects where any worker so far could not be started. */
  async start(): Promise<void> {
    this.#hasStarted = true;
    const contexts = workerContexts(this.#system).slice(this.#started);
    if (contexts.length > 0) {
      this.#started += contexts.length;
      this.#ready = Promise.all([this.#ready, this.crew.start(contexts)]);
    }
    await this.#ready;
  }

  /** Its worker starts now; what is handed to it meanwhile waits. */
  noteContext(): void {
    if (!this.#hasStarted) return;
    this.start().catch((error: unknown) => {
      // A death has been told of already.
      if (!(error instanceof WorkerDiedError)) this.#failure ??= { error };
    });
  }

  addMap(map: MapDescription): Promise<void> {
    return this.crew.addMap(map);
  }

  addProgram(program: ProgramDescription): Promise<void> {
    return this.crew.addProgram(program);
  }

  async advance(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    // What was handed to that worker would wait for ever.
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#system.housekeep();
    return !this.isIdle();
  }

  /**
   * All workers that live sleep, all at the same time, with nothing to do. One that was seen asleep may be woken by one
   * that is looked at later: so they are looked at twice, and must have slept through. One that has announced its sleep
   * may not have looked at its rings yet: they are looked at in between, when nobody changes them.
   */
  isIdle(): boolean {
    const { dp } = this.#system;
    const { alive } = this.crew;
    const sleeps = alive.map(({ address }) => this.#sleepOf(address));
    return (
      !sleeps.includes(undefined) &&
      alive.every(({ address }) => dp.contextIsPending(address) === 0) &&
      alive.every(({ address }, index) => this.#sleepOf(address) === sleeps[index])
    );
  }

  /** Which of its sleeps the worker is in; undefined while it is awake. */
  #sleepOf(context: number): number | undefined {
    const { arena } = this.#system;
    const wake = context + Context.wake;
    const sleeps = arena.loadShared(wake, ContextWake.sleeps);
    return arena.loadShared(wake, ContextWake.sleeping) === 1 ? sleeps : undefined;
  }

  stop(): Promise<void> {
    return this.crew.stop();
  }
}
