import { Context, ContextKind, ContextWake, LINE } from '../arena/layout.generated.js';
import type { ProgramDescription } from '../program/host.js';
import { HOST_SCRATCH_BYTES, type ProgramFault, ProgramHost } from '../program/host.js';
import type { MapDescription } from '../program/mapRef.js';
import { workerContexts } from './assemble.js';
import { progress } from './counters.js';
import { Crew, type CrewOptions } from './crew.js';
import type { System } from './system.js';

/** How a machine's contexts are made to run: on workers, or by steps on the calling thread. */
export interface Scheduler {
  /** Before the first frame, and again when contexts were added. */
  start(): Promise<void>;
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
      system.arena.allocate(HOST_SCRATCH_BYTES),
      onFault,
    );
  }

  async start(): Promise<void> {}

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

  constructor(system: System, options: CrewOptions) {
    this.#system = system;
    this.crew = new Crew(system, options);
  }

  async start(): Promise<void> {
    const contexts = workerContexts(this.#system).slice(this.#started);
    this.#started += contexts.length;
    if (contexts.length > 0) await this.crew.start(contexts);
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
   * A worker counts what it moved before it sleeps, and work comes of nothing but such moves. So if nothing was moved from
   * `before` to `after`, no worker that was asleep on both sides of the question had or got anything to do.
   */
  isIdle(): boolean {
    const before = progress(this.#system);
    if (!this.#areAsleep() || this.#haveWork() || !this.#areAsleep()) return false;
    return progress(this.#system) === before;
  }

  /** Whether all workers that live have announced their sleep: none is in the middle of a step. */
  #areAsleep(): boolean {
    const { arena } = this.#system;
    return this.crew.alive.every(
      ({ address }) =>
        arena.loadShared(address + 2 * LINE, ContextWake.sleeping) === 1 ||
        arena.loadShared(address, Context.dead) !== 0,
    );
  }

  #haveWork(): boolean {
    return this.crew.alive.some(({ address }) => this.#system.dp.contextHasWork(address) !== 0);
  }

  stop(): Promise<void> {
    return this.crew.stop();
  }
}
