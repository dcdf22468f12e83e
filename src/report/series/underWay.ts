import type { CloneEvent, EnqueueEvent, ReceiveEvent } from '../../machine/ledgerEvents.js';
import type { FateEvent } from '../../machine/recordEvents.js';
import { flowOf, formatFlow } from '../../packet/flow.js';

/** What has to be known of a frame at its end. */
export interface FrameUnderWay {
  /** Where it came in first. */
  readonly head: Uint8Array;
  /** The last CPU that worked on it, or will. */
  cpu: number;
}

/** The frames that have no fate yet; there are no more of them than the machine has frames. */
export class FramesUnderWay {
  readonly #byTag = new Map<number, FrameUnderWay>();

  received({ tag, head, cpu }: ReceiveEvent): void {
    const known = this.#byTag.get(tag);
    // A veth's peer receives it once more, with its head as it is now: its flow is what it was.
    this.#byTag.set(tag, { head: known?.head ?? head, cpu });
  }

  copied({ tag, parent }: CloneEvent): void {
    const original = this.#byTag.get(parent);
    if (original !== undefined) this.#byTag.set(tag, { ...original });
  }

  enqueued({ tag, where, target, isTaken }: EnqueueEvent): void {
    const frame = this.#byTag.get(tag);
    if (frame !== undefined && where === 'cpumap' && isTaken) frame.cpu = target;
  }

  /** The frame as it was, whose fate it met. */
  ended({ tag }: FateEvent): FrameUnderWay | undefined {
    const frame = this.#byTag.get(tag);
    this.#byTag.delete(tag);
    return frame;
  }
}

/** The flow that a frame came in with, undefined for what is no IP. */
export function flowText({ head }: FrameUnderWay): string | undefined {
  const flow = flowOf(head);
  return flow === null ? undefined : formatFlow(flow);
}
