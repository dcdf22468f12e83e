import { Arena } from '../arena/arena.js';
import { type DataPlane, dataPlaneModule, instantiateDataPlane } from '../arena/dataplane.js';
import {
  ContextKind,
  Failure,
  MACHINE_ADDRESS,
  Machine,
  Recording,
} from '../arena/layout.generated.js';
import type { ContextHandle, KernelVersion } from '../machine/kernel.js';
import { type ProgramSpec, System } from '../machine/system.js';
import type { Program } from '../maps/objects.js';
import { allocateHostMemory, type HostMemory } from '../program/host.js';
import type { MapDescription } from '../program/mapRef.js';
import { ControlTurns, ScheduleError } from './controlTurns.js';
import { Crew } from './crew.js';
import { type ExploredRun, hashEvents, readEvents } from './exploredRun.js';
import { checkAllAwake, checkAtRest, InvariantError, readCounters } from './invariants.js';
import { SeededRandom } from './seededRandom.js';
import { CONTEXTS_MAX, createSharedState } from './sharedState.js';

export interface ExplorationOptions {
  /** Contexts that a run may have beside control's: a thread each. */
  readonly workers: number;
  /** Programs of every run, in modules that the workers import. */
  readonly programs?: readonly ExplorationProgram[];
  /** The explored build by default; another one for experiments with broken code. */
  readonly module?: WebAssembly.Module;
  /** How long a context may run without reaching a schedule point. */
  readonly stuckMs?: number;
}

export interface ExplorationProgram extends ProgramSpec {
  readonly url: string;
  readonly exportName: string;
}

/** A machine and what is done to it, anew for each seed. All of it happens on the thread that calls `run`. */
export interface ExploredScenario<Built extends BuiltMachine = BuiltMachine> {
  readonly kernel: KernelVersion;
  readonly nrCpus: number;
  /** Builds devices and maps; nothing runs yet. `programs` are the exploration's, in order. */
  build(system: System, programs: readonly Program[]): Built;
  /** What control does while the contexts run: each of its shared accesses is a schedule point. */
  control(system: System, built: Built, turns: ControlWaits): void;
}

/** How control waits for the other contexts. */
export interface ControlWaits {
  /** Lets them run until all sleep. Throws `InvariantError` where one sleeps over work. */
  settle(): void;
  /** Lets them run, until one has written something: for loops that wait for what others do. */
  pause(): void;
}

export interface BuiltMachine {
  /** Maps that programs see by name. */
  readonly maps: readonly MapDescription[];
}

const ARENA_BYTES = 64 << 20;
/** Few, so that pools run empty and frames come back soon. */
const POOL_FRAMES = { control: 32, receive: 32, cpumap: 32, socket: 32 };
const TRACE_RING_BYTES = 1 << 16;

/**
 * Explored runs, one after the other, on the same threads and in the same memory. Each context of a run is a worker with
 * an instance of the explored build of its own; control is the calling thread. One at a time runs, as `Turns` has it.
 */
export class Exploration {
  readonly #programs: readonly ExplorationProgram[];
  readonly #arena: Arena;
  readonly #dp: DataPlane;
  readonly #turns: ControlTurns;
  readonly #crew: Crew;
  /** Contexts of the run in hand: worker n runs the nth, 0 is control's. */
  #contexts: readonly ContextHandle[] = [];
  /** A worker did not leave the last run: its thread loops, or is gone. */
  #stuck = false;

  private constructor({ workers, programs = [], module, stuckMs }: ExplorationOptions) {
    if (!(workers >= 1 && workers < CONTEXTS_MAX)) {
      throw new RangeError(
        `an exploration of ${workers} workers: expected 1 to ${CONTEXTS_MAX - 1}, a thread each`,
      );
    }
    const schedule = createSharedState();
    this.#programs = programs;
    this.#turns = new ControlTurns(schedule, {
      createScheduler: (words) => new SeededRandom(words),
      nameOf: (context) => this.#nameOf(context),
      takeError: (worker) => this.#withFailure(this.#crew.takeError(worker)),
      ...(stuckMs !== undefined && { stuckMs }),
    });
    const explored = module ?? dataPlaneModule('explored');
    this.#arena = Arena.create(ARENA_BYTES, this.#turns.point);
    this.#dp = instantiateDataPlane(
      explored,
      this.#arena,
      () => this.#turns.now,
      this.#turns.point,
    );
    this.#crew = new Crew(this.#resetArena(workers), {
      memory: this.#arena.memory,
      module: explored,
      schedule,
      programs: programs.map(({ name, url, exportName }, index) => ({
        name,
        tableIndex: index + 1,
        source: { kind: 'module', url, exportName },
      })),
    });
  }

  /** Starts the threads. Throws what keeps a worker from getting ready, `ProgramLoadError` for one. */
  static async start(options: ExplorationOptions): Promise<Exploration> {
    const exploration = new Exploration(options);
    try {
      await exploration.#crew.ready();
    } catch (error) {
      await exploration.close();
      throw error;
    }
    return exploration;
  }

  async close(): Promise<void> {
    await this.#crew.close();
  }

  /**
   * One run: the same for the same seed, event for event. Blocks the thread while it lasts. Throws `ScheduleError` where
   * it could not go on and `InvariantError` where it left something behind that must not be; other runs may follow,
   * unless a worker is stuck.
   */
  run<Built extends BuiltMachine>(seed: number, scenario: ExploredScenario<Built>): ExploredRun {
    if (this.#stuck) throw new ScheduleError('a worker is stuck since an earlier run: start anew');
    this.#resetArena(this.#crew.size);
    const system = this.#createSystem(scenario);
    const programs = this.#programs.map((program) => system.addProgram(program));
    const built = scenario.build(system, programs);
    const builtBytes = this.#arena.usedBytes;
    this.#assign(built.maps);
    this.#turns.begin(seed, this.#contexts.length - 1);
    try {
      this.#play(system, built, scenario);
    } catch (error) {
      this.#abandon();
      throw error;
    }
    this.#turns.end();
    return this.#collect(seed, system, builtBytes);
  }

  #play<Built extends BuiltMachine>(
    system: System,
    built: Built,
    scenario: ExploredScenario<Built>,
  ): void {
    const settle = (): void => {
      this.#turns.settle();
      checkAllAwake(system);
    };
    scenario.control(system, built, { settle, pause: () => this.#turns.pause() });
    // Until all grace periods are over and all stopped kthreads have ended.
    do settle();
    while (system.housekeep() !== 0);
  }

  /** Ends a run that has failed: why it did is what the caller has to know. */
  #abandon(): void {
    try {
      this.#turns.end();
    } catch {
      this.#stuck = true;
    }
  }

  /** An empty arena but for the workers' own memory; returns that, which is in the same place every time. */
  #resetArena(workers: number): HostMemory[] {
    this.#arena.reset();
    return Array.from({ length: workers }, () => allocateHostMemory(this.#arena));
  }

  #createSystem({ kernel, nrCpus }: Pick<ExploredScenario, 'kernel' | 'nrCpus'>): System {
    const addTrace = (context: ContextHandle): void =>
      system.kernel.addTraceRing(context, TRACE_RING_BYTES);
    const system = new System({
      kernel,
      nrCpus,
      build: 'explored',
      plane: { arena: this.#arena, dp: this.#dp },
      nowNs: () => this.#turns.now,
      poolFrames: POOL_FRAMES,
      onContext: addTrace,
    });
    addTrace(system.control);
    system.kernel.setRecording(Recording.TRACEPOINTS | Recording.FATES);
    this.#contexts = system.kernel.contexts;
    return system;
  }

  /** Tells every worker what to run. */
  #assign(maps: readonly MapDescription[]): void {
    const workers = this.#contexts.length - 1;
    if (workers > this.#crew.size) {
      throw new RangeError(
        `the machine has ${workers} contexts beside control's, the exploration ${this.#crew.size} workers`,
      );
    }
    const described = maps.map(({ name, address }) => ({ name, address }));
    for (let worker = 1; worker <= workers; worker++) {
      this.#crew.send(worker, { context: this.#contexts[worker]!.address, maps: described });
    }
  }

  #collect(seed: number, system: System, builtBytes: number): ExploredRun {
    const counters = readCounters(system);
    checkAtRest(system, counters);
    const events = readEvents(this.#arena, this.#contexts);
    return {
      seed,
      events,
      hash: hashEvents(events),
      points: this.#turns.now,
      switches: this.#turns.switches(),
      counters,
      grownBytes: this.#arena.usedBytes - builtBytes,
    };
  }

  /** A trap says little: the data plane noted which invariant it found broken. */
  #withFailure(error: Error | undefined): Error | undefined {
    // Plain: who wrote it has given up the run.
    const failure = this.#arena.get(MACHINE_ADDRESS, Machine.failure);
    const name = Object.entries(Failure).find(([, value]) => value === failure)?.[0];
    if (failure === Failure.NONE || name === undefined) return error;
    const detail = this.#arena.get(MACHINE_ADDRESS, Machine.failureDetail).toString(16);
    return new InvariantError(`${name}, at 0x${detail}`, { cause: error });
  }

  #nameOf(context: number): string {
    const handle = this.#contexts[context];
    const kind = Object.entries(ContextKind).find(([, value]) => value === handle?.kind)?.[0];
    return `context ${context} (${kind?.toLowerCase() ?? 'none'}, CPU ${handle?.cpu ?? -1})`;
  }
}
