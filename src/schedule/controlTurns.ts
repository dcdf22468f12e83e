import { Access } from '../arena/layout.generated.js';
import type { SchedulerFactory } from './scheduler.js';
import {
  CONTROL,
  ContextWord,
  contextWord,
  Fault,
  Phase,
  POINTS_MAX,
  readSwitch,
  type Switch,
  Word,
} from './sharedState.js';
import { Turns } from './turns.js';

/** A holder of the baton that reaches no point for this long is stuck, or its thread is gone. */
const STUCK_MS = 10_000;

/** A run that cannot go on. The message says where every context stands. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

export interface ControlTurnsOptions {
  readonly createScheduler: SchedulerFactory;
  /** Names a context in messages. */
  readonly nameOf: (context: number) => string;
  /** What a worker posted before it gave the run up. */
  readonly takeError: (worker: number) => Error | undefined;
  /** How long a context may run without reaching a point. */
  readonly stuckMs?: number;
}

/** Control's turns: it begins and ends runs, and is the one that finds out when a run cannot go on. */
export class ControlTurns extends Turns {
  readonly #nameOf: (context: number) => string;
  readonly #takeError: (worker: number) => Error | undefined;
  readonly #stuckMs: number;

  constructor(
    shared: SharedArrayBuffer,
    { createScheduler, nameOf, takeError, stuckMs = STUCK_MS }: ControlTurnsOptions,
  ) {
    super(shared, CONTROL, createScheduler);
    this.#nameOf = nameOf;
    this.#takeError = takeError;
    this.#stuckMs = stuckMs;
  }

  /** Begins the run of `seed` with so many workers; control holds the baton. */
  begin(seed: number, workers: number): void {
    const { words } = this;
    words.fill(0, Word.MEMBERS, Word.SCHEDULER);
    const members = (2 << workers) - 2;
    words[Word.READY] = members | (1 << CONTROL);
    Atomics.store(words, Word.MEMBERS, members);
    this.scheduler.begin(seed);
    this.enter();
    Atomics.store(words, Word.PHASE, Phase.RUNNING);
  }

  /** Ends the run, however it went: every worker leaves it. Throws ScheduleError where one does not. */
  end(): void {
    const { words } = this;
    Atomics.store(words, Word.PHASE, Phase.ENDING);
    for (const worker of bitsOf(Atomics.load(words, Word.MEMBERS))) this.give(worker);
    for (;;) {
      const members = Atomics.load(words, Word.MEMBERS);
      if (members === 0) break;
      if (Atomics.wait(words, Word.MEMBERS, members, this.#stuckMs) === 'timed-out') {
        const names = bitsOf(members).map(this.#nameOf).join(', ');
        throw new ScheduleError(`${names}: expected to leave the run within ${this.#stuckMs} ms`);
      }
    }
    words[contextWord(CONTROL, ContextWord.BATON)] = 0;
    Atomics.store(words, Word.PHASE, Phase.NONE);
  }

  protected override waitForBaton(baton: number): void {
    const before = this.words[Word.POINTS];
    if (Atomics.wait(this.words, baton, 0, this.#stuckMs) !== 'timed-out') return;
    if (this.words[Word.POINTS] !== before) return;
    const holder = this.#nameOf(this.words[Word.HOLDER]!);
    throw new ScheduleError(
      `${holder} has held the baton for ${this.#stuckMs} ms without reaching a schedule point: it loops, or its ` +
        `thread is gone\n${this.#whereAll()}`,
    );
  }

  protected override checkFault(): void {
    const fault = this.words[Word.FAULT];
    if (fault === Fault.NONE) return;
    if (fault === Fault.WORKER) throw this.#workerError();
    const what =
      fault === Fault.DEADLOCK
        ? 'deadlock: no context can go on'
        : `no end after ${POINTS_MAX} points`;
    throw new ScheduleError(`${what}\n${this.#whereAll()}`);
  }

  #workerError(): Error {
    const worker = this.words[Word.FAILED_WORKER]!;
    const error = this.#takeError(worker);
    return new ScheduleError(
      `${this.#nameOf(worker)}: ${error?.message ?? 'failed without a word'}`,
      {
        cause: error,
      },
    );
  }

  #whereAll(): string {
    const members = Atomics.load(this.words, Word.MEMBERS) | (1 << CONTROL);
    return bitsOf(members)
      .map((context) => `  ${this.#nameOf(context)}: ${this.#where(context)}`)
      .join('\n');
  }

  #where(context: number): string {
    const { words } = this;
    const bit = 1 << context;
    const at = `0x${words[contextWord(context, ContextWord.ADDRESS)]!.toString(16)}`;
    const access = accessName(words[contextWord(context, ContextWord.ACCESS)]!);
    if ((words[Word.ASLEEP]! & bit) !== 0) return 'asleep';
    if (context === CONTROL && words[Word.SETTLING] === 1) return 'waits for all to sleep';
    if ((words[Word.RETRYING]! & bit) !== 0)
      return `waits for a write by another, at ${access} ${at}`;
    return `can go on, at ${access} ${at}`;
  }

  /** The switches of the run so far, in order. */
  switches(): Switch[] {
    const { words } = this;
    return Array.from({ length: words[Word.SWITCHES]! }, (_, n) => readSwitch(words, n));
  }
}

function accessName(access: number): string {
  return Object.entries(Access).find(([, value]) => value === access)?.[0] ?? 'start';
}

function bitsOf(mask: number): number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < 32; bit++) if ((mask & (1 << bit)) !== 0) bits.push(bit);
  return bits;
}
