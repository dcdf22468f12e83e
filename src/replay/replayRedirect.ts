import { verifyConservation } from '../machine/conservation.js';
import type { ContextHandle, KernelVersion } from '../machine/kernel.js';
import { FrameFeeder } from './frameFeeder.js';
import { buildOutcome } from './outcome.js';
import type { Experiment, Outcome } from './redirectTrace.js';
import { RedirectWorld } from './redirectWorld.js';
import { SocketReader } from './socketReader.js';
import { TraceCollector } from './traceCollector.js';

/** Told before each batch, and after the last. */
export type BatchObserver = (world: RedirectWorld, traces: TraceCollector) => void;

/** Runs the experiment on a fresh machine; what came of it, in the words of the format. */
export function replayRedirect(
  experiment: Experiment,
  kernel: KernelVersion,
  onBatch: BatchObserver = () => {},
): Outcome {
  return new RedirectReplay(experiment, kernel).run(onBatch);
}

/** One experiment: frames in, batch by batch, and the steps of all contexts in between. */
class RedirectReplay {
  readonly #batches: readonly number[];
  readonly #world: RedirectWorld;
  readonly #traces: TraceCollector;
  readonly #feeder: FrameFeeder;
  readonly #sockets: SocketReader;

  constructor(experiment: Experiment, kernel: KernelVersion) {
    this.#batches = experiment.batches;
    this.#world = new RedirectWorld(experiment, kernel);
    this.#traces = new TraceCollector(this.#world.system);
    this.#feeder = new FrameFeeder(experiment, this.#world);
    this.#sockets = new SocketReader(this.#world);
  }

  run(onBatch: BatchObserver): Outcome {
    for (const [batch, count] of this.#batches.entries()) {
      onBatch(this.#world, this.#traces);
      this.#receive(count);
      this.#settle(batch === this.#batches.length - 1);
    }
    onBatch(this.#world, this.#traces);
    verifyConservation(this.#world.system);
    return buildOutcome(this.#world, this.#batches, this.#traces, this.#sockets.frames);
  }

  /** One poll of the receive queue, which holds exactly the batch. */
  #receive(count: number): void {
    this.#feeder.feed(count);
    const received = this.#step(this.#world.receiver);
    if (received !== count)
      throw new Error(`a batch of ${count} frames: ${received} were received`);
    // A poll that was full does not know yet that nothing is left.
    this.#drain(this.#world.receiver);
  }

  /** Nothing new arrives until all contexts are idle. */
  #settle(isLast: boolean): void {
    const world = this.#world;
    const wires = world.system.deviceContext();
    this.#drain(wires);
    let moved: number;
    do {
      moved = 0;
      for (const context of world.kthreadContexts) {
        moved += this.#step(context);
        this.#drain(wires);
      }
    } while (moved > 0);
    world.openWires('batch', true);
    this.#drain(wires);
    world.openWires('batch', false);
    this.#sockets.read('batch');
    if (!isLast) return;
    world.openWires('end', true);
    this.#drain(wires);
    this.#sockets.read('end');
  }

  #drain(context: ContextHandle): void {
    while (this.#step(context) > 0);
  }

  #step(context: ContextHandle): number {
    const moved = this.#world.system.dp.contextStep(context.address);
    this.#traces.collect(context);
    return moved;
  }
}
