import { Packet } from '../arena/layout.generated.js';
import { errnoName } from '../maps/errno.js';
import { NUMBERED_MIN_BYTES, writeFrameNumber } from './frameNumber.js';
import type { Experiment } from './redirectTrace.js';
import type { RedirectWorld } from './redirectWorld.js';

/** Packets are padded to this behind their end (`device/packet.ts`). */
const PACKET_PADDING_BYTES = 64;

/** Puts the frames of an experiment on the queue that they come in on. */
export class FrameFeeder {
  readonly #experiment: Experiment;
  readonly #world: RedirectWorld;
  readonly #packet: number;
  readonly #bytes: Uint8Array;
  #next = 0;

  constructor(experiment: Experiment, world: RedirectWorld) {
    this.#experiment = experiment;
    this.#world = world;
    const { arena } = world.system;
    const longest = Math.max(0, ...experiment.script.map((_, frame) => this.#length(frame)));
    const head = arena.allocate(longest + PACKET_PADDING_BYTES);
    this.#bytes = arena.bytes(head, longest);
    this.#packet = arena.allocate(Packet.SIZE);
    arena.set(this.#packet, Packet.head, head);
  }

  #length(frame: number): number {
    return this.#experiment.script[frame]?.len ?? this.#experiment.frames.length;
  }

  /** The next `count` frames; the receiver is told with the last. */
  feed(count: number): void {
    for (let left = count; left > 0; left--) this.#inject(this.#next++, left > 1);
  }

  #inject(frame: number, more: boolean): void {
    const { arena, control, dp } = this.#world.system;
    const length = this.#length(frame);
    const isFragmented = this.#experiment.script[frame]?.frags === true;
    writeFrameNumber(this.#bytes, frame);
    arena.set(this.#packet, Packet.headLength, length);
    arena.set(this.#packet, Packet.length, length);
    arena.set(this.#packet, Packet.linear, isFragmented ? NUMBERED_MIN_BYTES : 0);
    const { rxQueue } = this.#world;
    const tag = frame + 1;
    const err = dp.injectFrame(control.address, rxQueue, this.#packet, tag, more ? 1 : 0);
    if (err !== 0) throw new Error(`frame ${frame}: cannot be injected: ${errnoName(err)}`);
  }
}
