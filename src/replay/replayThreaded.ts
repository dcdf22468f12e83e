import { verifyConservation } from '../machine/conservation.js';
import { brokenInvariant } from '../machine/failure.js';
import type { KernelVersion } from '../machine/kernel.js';
import { ThreadScheduler } from '../machine/scheduler.js';
import { LOAD_TIMEOUT_MS, THREADS_MAX } from '../machine/workerPool.js';
import { FrameFeeder } from './frameFeeder.js';
import { buildOutcome } from './outcome.js';
import type { Experiment, Outcome } from './redirectTrace.js';
import { RedirectWorld } from './redirectWorld.js';
import { SocketReader } from './socketReader.js';
import { TraceCollector } from './traceCollector.js';

/** Scripts do not loop: a program that takes this long is the emulator's fault. */
const PROGRAM_TIMEOUT_MS = 10_000;

/**
 * Runs the experiment on a fresh machine with a worker for each context. `holdsConsumers`: those who empty rings wait
 * until a batch's poll is over, as the kernel's kthreads do, which only the poll's flush wakes.
 */
export async function replayThreaded(
  experiment: Experiment,
  kernel: KernelVersion,
  holdsConsumers: boolean,
): Promise<Outcome> {
  const replay = new ThreadedReplay(experiment, kernel, holdsConsumers);
  try {
    return await replay.run();
  } finally {
    await replay.stop();
  }
}

class ThreadedReplay {
  readonly #batches: readonly number[];
  readonly #holdsConsumers: boolean;
  readonly #world: RedirectWorld;
  readonly #traces: TraceCollector;
  readonly #feeder: FrameFeeder;
  readonly #sockets: SocketReader;
  readonly #workers: ThreadScheduler;
  #death: Error | undefined;

  constructor(experiment: Experiment, kernel: KernelVersion, holdsConsumers: boolean) {
    this.#batches = experiment.batches;
    this.#holdsConsumers = holdsConsumers;
    this.#world = new RedirectWorld(experiment, kernel);
    this.#traces = new TraceCollector(this.#world.system);
    this.#feeder = new FrameFeeder(experiment, this.#world);
    this.#sockets = new SocketReader(this.#world);
    this.#workers = new ThreadScheduler(this.#world.system, {
      clockOriginMs: performance.timeOrigin,
      programTimeoutMs: PROGRAM_TIMEOUT_MS,
      loadTimeoutMs: LOAD_TIMEOUT_MS,
      threadsMax: THREADS_MAX,
      onFault: () => {},
      onDeath: (death) => {
        this.#death = death;
      },
    });
  }

  async run(): Promise<Outcome> {
    for (const program of this.#world.programs.descriptions) {
      await this.#workers.addProgram(program);
    }
    await this.#workers.start();
    for (const count of this.#batches) await this.#batch(count);
    await this.#openWires('end');
    this.#sockets.read('end');
    verifyConservation(this.#world.system);
    return buildOutcome(this.#world, this.#batches, this.#traces, this.#sockets.frames);
  }

  async #batch(count: number): Promise<void> {
    const world = this.#world;
    if (this.#holdsConsumers) world.holdConsumers(true);
    this.#feeder.feed(count);
    if (this.#holdsConsumers) {
      await this.#idle();
      world.holdConsumers(false);
    }
    await this.#idle();
    await this.#openWires('batch');
    this.#sockets.read('batch');
  }

  async #openWires(drain: 'batch' | 'end'): Promise<void> {
    this.#world.openWires(drain, true);
    await this.#idle();
    this.#world.openWires(drain, false);
  }

  /** Reads the records until nothing happens any more. */
  async #idle(): Promise<void> {
    let isBusy: boolean;
    do {
      isBusy = await this.#workers.advance();
      for (const context of this.#world.system.kernel.contexts) this.#traces.collect(context);
      const failure = this.#death ?? brokenInvariant(this.#world.system);
      if (failure !== undefined) throw failure;
    } while (isBusy);
  }

  stop(): Promise<void> {
    return this.#workers.stop();
  }
}
