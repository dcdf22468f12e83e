import { Packet } from '../arena/layout.generated.js';
import type { ContextHandle, KernelVersion } from '../machine/kernel.js';
import { errnoName } from '../maps/errno.js';
import { NUMBERED_MIN_BYTES, readFrameNumber, writeFrameNumber } from './frameNumber.js';
import { buildOutcome } from './outcome.js';
import type { Experiment, Outcome } from './redirectTrace.js';
import { RedirectWorld } from './redirectWorld.js';
import { TraceCollector } from './timeline.js';

/** Packets are padded to this behind their end (`device/packet.ts`). */
const PACKET_PADDING_BYTES = 64;

/** Runs the experiment on a fresh machine; what came of it, in the words of the format. */
export function replayRedirect(experiment: Experiment, kernel: KernelVersion): Outcome {
  return new RedirectReplay(experiment, kernel).run();
}

/** One experiment: frames in, batch by batch, and the steps of all contexts in between. */
class RedirectReplay {
  readonly #experiment: Experiment;
  readonly #world: RedirectWorld;
  readonly #traces: TraceCollector;
  /** What applications read from their sockets. */
  readonly #read = new Map<string, number[]>();
  readonly #packet: number;
  readonly #bytes: Uint8Array;

  constructor(experiment: Experiment, kernel: KernelVersion) {
    this.#experiment = experiment;
    this.#world = new RedirectWorld(experiment, kernel);
    this.#traces = new TraceCollector(this.#world.system);
    const { arena } = this.#world.system;
    const longest = Math.max(0, ...experiment.script.map((_, frame) => this.#length(frame)));
    const head = arena.allocate(longest + PACKET_PADDING_BYTES);
    this.#bytes = arena.bytes(head, longest);
    this.#packet = arena.allocate(Packet.SIZE);
    arena.set(this.#packet, Packet.head, head);
  }

  run(): Outcome {
    let next = 0;
    for (const [batch, count] of this.#experiment.batches.entries()) {
      this.#receive(next, count);
      next += count;
      this.#settle(batch === this.#experiment.batches.length - 1);
    }
    return buildOutcome(this.#world, this.#experiment.batches, this.#traces, this.#read);
  }

  #length(frame: number): number {
    return this.#experiment.script[frame]?.len ?? this.#experiment.frames.length;
  }

  /** One poll of the receive queue, which holds exactly the batch. */
  #receive(first: number, count: number): void {
    for (let frame = first; frame < first + count; frame++) this.#inject(frame);
    const received = this.#step(this.#world.receiver);
    if (received !== count)
      throw new Error(`a batch of ${count} frames: ${received} were received`);
  }

  #inject(frame: number): void {
    const { arena, control, dp } = this.#world.system;
    const length = this.#length(frame);
    const isFragmented = this.#experiment.script[frame]?.frags === true;
    writeFrameNumber(this.#bytes, frame);
    arena.set(this.#packet, Packet.headLength, length);
    arena.set(this.#packet, Packet.length, length);
    arena.set(this.#packet, Packet.linear, isFragmented ? NUMBERED_MIN_BYTES : 0);
    const err = dp.injectFrame(control.address, this.#world.rxQueue, this.#packet, frame + 1);
    if (err !== 0) throw new Error(`frame ${frame}: cannot be injected: ${errnoName(err)}`);
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
    this.#readSockets('batch');
    if (!isLast) return;
    world.openWires('end', true);
    this.#drain(wires);
    this.#readSockets('end');
  }

  #drain(context: ContextHandle): void {
    while (this.#step(context) > 0);
  }

  #step(context: ContextHandle): number {
    const { system, programs } = this.#world;
    programs.context = context.id;
    const moved = system.dp.contextStep(context.address);
    this.#traces.collect(context);
    return moved;
  }

  #readSockets(consume: 'batch' | 'end'): void {
    for (const { declaration, socket } of this.#world.sockets) {
      if (declaration.consume !== consume) continue;
      const frames = socket.read(socket.rxAvailable, consume === 'batch').map(readFrameNumber);
      this.#read.set(declaration.id, [...(this.#read.get(declaration.id) ?? []), ...frames]);
    }
  }
}
