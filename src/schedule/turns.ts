import type { SchedulePoint } from '../arena/atomics.js';
import { Access } from '../arena/layout.generated.js';
import type { Scheduler, SchedulerFactory } from './scheduler.js';
import {
  CONTROL,
  ContextWord,
  contextWord,
  Fault,
  Phase,
  POINTS_MAX,
  Word,
  writeSwitch,
} from './sharedState.js';

/** Thrown out of a schedule point of a worker whose run is over. */
export class RunEnded extends Error {
  override readonly name = 'RunEnded';
}

/**
 * One context's part in a controlled schedule. There is one baton, and who holds it runs; at every point the holder asks
 * the scheduler who goes on, and passes the baton unless it is itself. So exactly one context runs at any time, and the
 * run is the scheduler's doing alone.
 *
 * What is not proved: WebAssembly and JavaScript atomics are sequentially consistent, and so are these runs; nothing is
 * said about weaker memory. Plain accesses are taken to be private to their context: `test/dataplane/seam.test.ts` holds
 * the data plane to that. How the production build waits for a lock (`lockSlow`) is its own and never runs here; nor do
 * compiled BPF programs, whose map accesses are no schedule points yet.
 */
export class Turns {
  readonly me: number;
  readonly words: Int32Array;
  readonly #scheduler: Scheduler;
  readonly #bit: number;
  /** Writes of its own, and those of others it knew of when it last had nothing to do. */
  #ownWrites = 0;
  #writesSeen = 0;

  constructor(shared: SharedArrayBuffer, me: number, createScheduler: SchedulerFactory) {
    this.me = me;
    this.words = new Int32Array(shared);
    this.#bit = 1 << me;
    this.#scheduler = createScheduler(this.words.subarray(Word.SCHEDULER, Word.CONTEXTS));
  }

  get scheduler(): Scheduler {
    return this.#scheduler;
  }

  /** Logical time: points so far. */
  get now(): number {
    return this.words[Word.POINTS]!;
  }

  get isRunning(): boolean {
    return Atomics.load(this.words, Word.PHASE) === Phase.RUNNING;
  }

  /** Called before every access to shared memory: others may run before it happens. */
  readonly point: SchedulePoint = (access, address) => {
    const { words } = this;
    if (!this.isRunning) {
      if (this.me !== CONTROL) throw new RunEnded('the run is over');
      return;
    }
    if (access === Access.SPIN) this.#leaveReady(Word.RETRYING);
    this.#reschedule(access, address);
    if (access === Access.STORE || access === Access.RMW) {
      // The write happens before anyone else can run.
      words[Word.WRITES]!++;
      this.#ownWrites++;
      words[Word.READY]! |= words[Word.RETRYING]!;
      words[Word.RETRYING] = 0;
    } else if (access === Access.NOTIFY) {
      this.#wake(address);
    }
  };

  /** `atomic.wait`: sleeps until somebody notifies `address`, unless `isAwake` once it is this context's turn. */
  sleep(address: number, isAwake: () => boolean): void {
    this.#reschedule(Access.LOAD, address);
    if (isAwake()) return;
    this.words[contextWord(this.me, ContextWord.SLEEP_ADDRESS)] = address;
    this.#leaveReady(Word.ASLEEP);
    this.#reschedule(Access.LOAD, address);
  }

  /** Lets another run, where this context cannot go on unless somebody writes something. */
  pause(): void {
    const writes = this.words[Word.WRITES]! - this.#ownWrites;
    // What was written since the last pause may have been missed: it has to look again.
    if (writes === this.#writesSeen) this.#leaveReady(Word.RETRYING);
    this.#writesSeen = writes;
    this.#reschedule(Access.SPIN, 0);
  }

  /** Control's: lets the others run until all sleep. */
  settle(): void {
    this.words[Word.READY]! &= ~this.#bit;
    this.words[Word.SETTLING] = 1;
    this.#reschedule(Access.SPIN, 0);
  }

  /** A new run begins, for this thread. */
  enter(): void {
    this.#ownWrites = 0;
    this.#writesSeen = 0;
  }

  #leaveReady(forMask: number): void {
    this.words[Word.READY]! &= ~this.#bit;
    this.words[forMask]! |= this.#bit;
  }

  /** Wakes the sleeper on `address`; there is at most one. */
  #wake(address: number): void {
    const { words } = this;
    for (let rest = words[Word.ASLEEP]!; rest !== 0; rest &= rest - 1) {
      const sleeper = 31 - Math.clz32(rest & -rest);
      if (words[contextWord(sleeper, ContextWord.SLEEP_ADDRESS)] !== address) continue;
      words[Word.ASLEEP]! &= ~(1 << sleeper);
      words[Word.READY]! |= 1 << sleeper;
      return;
    }
  }

  #reschedule(access: Access, address: number): void {
    const { words } = this;
    if (words[Word.POINTS]!++ >= POINTS_MAX) this.#fault(Fault.ENDLESS);
    if (words[Word.READY] === 0) this.#atRest();
    const next = this.#scheduler.next(words[Word.READY]!, this.me);
    if (next === this.me) return;
    const point = words[Word.POINTS]!;
    writeSwitch(words, { point, from: this.me, to: next, access, address });
    words[contextWord(this.me, ContextWord.ACCESS)] = access;
    words[contextWord(this.me, ContextWord.ADDRESS)] = address;
    this.give(next);
    this.take();
  }

  /** Nobody can go on: either control waited for just that, or they wait for each other. */
  #atRest(): void {
    const { words } = this;
    if (words[Word.SETTLING] === 0 || words[Word.RETRYING] !== 0) {
      this.#fault(Fault.DEADLOCK);
      return;
    }
    words[Word.SETTLING] = 0;
    words[Word.READY] = 1 << CONTROL;
  }

  /** The run cannot go on: control gets the baton, finds out and ends it. */
  #fault(fault: Fault): void {
    this.words[Word.FAULT] = fault;
    this.words[Word.READY] = 1 << CONTROL;
    if (this.me === CONTROL) this.checkFault();
    this.give(CONTROL);
    this.take();
  }

  /** Hands the baton to `next`; the caller must not touch shared memory before it has taken it again. */
  give(next: number): void {
    const { words } = this;
    words[Word.HOLDER] = next;
    const baton = contextWord(next, ContextWord.BATON);
    Atomics.store(words, baton, 1);
    Atomics.notify(words, baton);
  }

  /** Waits for the baton. A worker's wait has no bound of its own: control's has (`ControlTurns`). */
  take(): void {
    const { words } = this;
    const baton = contextWord(this.me, ContextWord.BATON);
    while (Atomics.exchange(words, baton, 0) === 0) this.waitForBaton(baton);
    if (this.isRunning) this.checkFault();
    else if (this.me !== CONTROL) throw new RunEnded('the run is over');
  }

  protected waitForBaton(baton: number): void {
    Atomics.wait(this.words, baton, 0);
  }

  /** Control throws here what ended the run. */
  protected checkFault(): void {}
}
