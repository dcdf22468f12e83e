import type { Access } from '../arena/layout.generated.js';
import { SCHEDULER_WORDS } from './scheduler.js';

/** Contexts of an explored run, control among them: one bit each in a mask. */
export const CONTEXTS_MAX = 30;
/** Control's number; workers count from 1. */
export const CONTROL = 0;

/** What goes on between control and its workers. */
export const Phase = {
  /** No run: control builds a machine, or looks at one that has come to rest. */
  NONE: 0,
  RUNNING: 1,
  /** The run is over, or has failed: whoever is woken leaves it. */
  ENDING: 2,
} as const;

/** Why a run cannot go on. */
export const Fault = {
  NONE: 0,
  /** Nobody can go on, and somebody has not finished. */
  DEADLOCK: 1,
  /** More points than a run may have. */
  ENDLESS: 2,
  /** A worker stopped with an error, which it has posted. */
  WORKER: 3,
} as const;
export type Fault = (typeof Fault)[keyof typeof Fault];

/**
 * Words of the schedule's own shared memory. Only whoever holds the baton reads and writes them, so plain accesses do:
 * passing the baton is a release, taking it an acquire. PHASE, MEMBERS and the batons are for `Atomics` alone.
 */
export const Word = {
  PHASE: 0,
  /** Mask of the contexts that take part in the run. */
  MEMBERS: 1,
  /** Mask of those that can go on. */
  READY: 2,
  /** Mask of those that can go on once another has written something shared. */
  RETRYING: 3,
  /** Mask of those that can go on once they are notified. */
  ASLEEP: 4,
  /** 1: control waits for all others to sleep. */
  SETTLING: 5,
  HOLDER: 6,
  POINTS: 7,
  SWITCHES: 8,
  /** Points at which something shared was about to be written. */
  WRITES: 9,
  FAULT: 10,
  /** The worker that failed (`Fault.WORKER`). */
  FAILED_WORKER: 11,
  SCHEDULER: 12,
  CONTEXTS: 12 + SCHEDULER_WORDS,
} as const;

/** Words of each context, from `Word.CONTEXTS` on; a cache line or two each. */
export const ContextWord = {
  /** 1: it may take the baton. */
  BATON: 0,
  /** Where it gave up the baton: what it was about to do, and where. */
  ACCESS: 1,
  ADDRESS: 2,
  /** Where it sleeps. */
  SLEEP_ADDRESS: 3,
  WORDS: 32,
} as const;

/** More points than any sane run of a test machine has. */
export const POINTS_MAX = 200_000;

/** The log has room for every switch that a run can have. */
const SWITCH_WORDS = 3;
const LOG_START = Word.CONTEXTS + CONTEXTS_MAX * ContextWord.WORDS;

export function createSharedState(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * (LOG_START + POINTS_MAX * SWITCH_WORDS));
}

/** Index of a word of `context`. */
export function contextWord(context: number, word: number): number {
  return Word.CONTEXTS + context * ContextWord.WORDS + word;
}

/** One switch of a run: `from` was about to do `access` at `address` when `to` got its turn. */
export interface Switch {
  /** Number of the point, from 1. */
  readonly point: number;
  readonly from: number;
  readonly to: number;
  readonly access: Access;
  readonly address: number;
}

/** Logs the next switch of the run. */
export function writeSwitch(words: Int32Array, { point, from, to, access, address }: Switch): void {
  const at = LOG_START + words[Word.SWITCHES]!++ * SWITCH_WORDS;
  words[at] = point;
  words[at + 1] = from | (to << 8) | (access << 16);
  words[at + 2] = address;
}

/** The `n`th switch of the run. */
export function readSwitch(words: Int32Array, n: number): Switch {
  const at = LOG_START + n * SWITCH_WORDS;
  const packed = words[at + 1]!;
  return {
    point: words[at]!,
    from: packed & 0xff,
    to: (packed >> 8) & 0xff,
    access: (packed >> 16) as Access,
    address: words[at + 2]! >>> 0,
  };
}
