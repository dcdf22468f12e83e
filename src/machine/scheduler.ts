import { ContextKind, ContextWake, LINE } from '../arena/layout.generated.js';
import {
  allocateHostMemory,
  type ProgramDescription,
  type ProgramFault,
  ProgramHost,
} from '../program/host.js';
import type { MapDescription } from '../program/mapRef.js';
import { workerContexts } from './assemble.js';
import { balance } from './counters.js';
import { Crew, type CrewOptions } from './crew.js';
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
    // Whoever next waits for `start` is told of a failure.
    if (this.#hasStarted) this.start().catch(() => {});
  }

  addMap(map: MapDescription): Promise<void> {
    return this.crew.addMap(map);
  }

  addProgram(program: ProgramDescription): Promise<void> {
    return this.crew.addProgram(program);
  }

  async advance(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.#system.housekeep();
    return !this.isIdle();
  }

  /**
   * All workers that live are asleep with nothing to do, and were so while nothing moved. A worker that has announced its
   * sleep may not have looked at its rings yet, so they are looked at here.
   */
  isIdle(): boolean {
    const { arena, dp } = this.#system;
    const before = balance(this.#system);
    for (const { address } of this.crew.alive) {
      if (arena.loadShared(address + 2 * LINE, ContextWake.sleeping) === 0) return false;
      if (dp.contextIsPending(address) !== 0) return false;
    }
    const after = balance(this.#system);
    return before.received === after.received && before.ended === after.ended;
  }

  stop(): Promise<void> {
    return this.crew.stop();
  }
}
