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
  /** By the tags of the frames and of their copies. */
  readonly #pending = new Map<number, Tracked>();
  readonly #nextTag: () => number;

  constructor(names: TargetNames, nextTag: () => number) {
    this.#names = names;
    this.#nextTag = nextTag;
    this.listener = {
      onClone: ({ parent, tag }) => {
        const tracked = this.#pending.get(parent);
        if (tracked === undefined) return;
        tracked.outstanding++;
        tracked.tags.push(tag);
        this.#pending.set(tag, tracked);
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
    const tag = this.#nextTag();
    this.#pending.set(tag, { tags: [tag], fates: [], outstanding: 1 });
    return tag;
  }

  /** Whether all of `tags`, and the copies that were made of them, have met their fates. */
  isDone(tags: readonly number[]): boolean {
    return tags.every((tag) => this.#pending.get(tag)!.outstanding <= 0);
  }

  /** What is known of the frame; nobody waits for it any more. */
  take(tag: number): InjectedFrame {
    const { fates, tags } = this.#pending.get(tag)!;
    for (const known of tags) this.#pending.delete(known);
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
  /** The frame's and its copies'. */
  readonly tags: number[];
  readonly fates: FrameFate[];
  outstanding: number;
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
