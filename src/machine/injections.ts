import type { FateInfo } from '../trace/fates.js';
import type { RecordListener } from './recorder.js';

/** What became of an injected frame, or of a copy of it. */
export interface FrameFate {
  /** Key of the fate: `pass`, `drop`, `transmitted`, `redirect_err_ENETDOWN`, ... */
  readonly fate: string;
  /** One line for people. */
  readonly text: string;
  readonly device?: string;
  readonly cpu?: number;
  readonly socket?: string;
  /** errno name of a failed redirect. */
  readonly errno?: string;
  /** Bytes as it ended. */
  readonly length: number;
  /** Its bytes, where it reached the stack, the far end of a device or a socket. */
  readonly data?: Uint8Array;
}

/** An injected frame. */
export interface InjectedFrame {
  /** Of the frame and of each copy that a broadcast made, in the order they ended. */
  readonly fates: readonly FrameFate[];
  /** The only fate, or the first. `queued` while there is none: the frame waits on a ring that nobody empties. */
  readonly fate: string;
  readonly device: string | undefined;
  readonly cpu: number | undefined;
  readonly socket: string | undefined;
  readonly data: Uint8Array | undefined;
}

/** Names of the things that fates are about. */
export interface TargetNames {
  device(ifindex: number): string;
  socket(id: number): string;
}

/** Frames whose fates somebody waits for, by tag. */
export class Injections {
  readonly listener: RecordListener;
  readonly #names: TargetNames;
  readonly #pending = new Map<number, Tracked>();
  #nextTag = 1;

  constructor(names: TargetNames) {
    this.#names = names;
    this.listener = {
      onClone: (tag) => {
        const tracked = this.#pending.get(tag);
        if (tracked !== undefined) tracked.outstanding++;
      },
      onFate: ({ fate, target, length, tag, data }) => {
        const tracked = this.#pending.get(tag);
        if (tracked === undefined) return;
        tracked.outstanding--;
        tracked.fates.push({
          ...describe(fate, target, this.#names),
          length,
          ...(data && { data }),
        });
      },
    };
  }

  /** A tag for one more frame. */
  track(): number {
    const tag = this.#nextTag;
    // Tags are 32 bits and 0 means none.
    this.#nextTag = tag === 0xffffffff ? 1 : tag + 1;
    this.#pending.set(tag, { fates: [], outstanding: 1, isSettled: false });
    return tag;
  }

  /**
   * Whether all of `tags` have met their fates. Records of different contexts may be read out of order, a fate before
   * the copy it belongs to: a frame counts as done when it still is a whole reading of all rings later.
   */
  isDone(tags: readonly number[]): boolean {
    let done = true;
    for (const tag of tags) {
      const tracked = this.#pending.get(tag)!;
      const hasEnded = tracked.outstanding <= 0;
      if (!hasEnded || !tracked.isSettled) done = false;
      tracked.isSettled = hasEnded;
    }
    return done;
  }

  /** What is known of the frame; nobody waits for it any more. */
  take(tag: number): InjectedFrame {
    const { fates } = this.#pending.get(tag)!;
    this.#pending.delete(tag);
    const first = fates[0];
    return {
      fates,
      fate: first?.fate ?? 'queued',
      device: first?.device,
      cpu: first?.cpu,
      socket: first?.socket,
      data: first?.data,
    };
  }
}

interface Tracked {
  readonly fates: FrameFate[];
  outstanding: number;
  isSettled: boolean;
}

function describe(info: FateInfo, target: number, names: TargetNames): Omit<FrameFate, 'length'> {
  const common = {
    fate: info.name,
    text: info.text,
    ...(info.errno !== undefined && { errno: info.errno }),
  };
  if (info.target === 'cpu') return { ...common, cpu: target };
  if (info.target === 'socket') return { ...common, socket: names.socket(target) };
  return { ...common, device: names.device(target) };
}
