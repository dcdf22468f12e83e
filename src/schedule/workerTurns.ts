import { CONTROL, ContextWord, contextWord, Fault, Word } from './sharedState.js';
import { Turns } from './turns.js';

/** A worker's turns: it waits for runs, takes part, and leaves them. */
export class WorkerTurns extends Turns {
  /** Waits until this worker gets its first turn in a run. */
  awaitRun(): void {
    const { words } = this;
    const baton = contextWord(this.me, ContextWord.BATON);
    for (;;) {
      while (Atomics.exchange(words, baton, 0) === 0) this.waitForBaton(baton);
      if (this.isRunning) break;
      // It ended before this worker had a turn.
      this.leave();
    }
    this.enter();
  }

  /** Gives the run up: control learns of it with the baton. The error was posted before. */
  fail(): void {
    const { words } = this;
    words[Word.FAULT] = Fault.WORKER;
    words[Word.FAILED_WORKER] = this.me;
    this.leave();
    this.give(CONTROL);
  }

  /** The last word of a worker in a run: control may use the memory anew. */
  leave(): void {
    Atomics.and(this.words, Word.MEMBERS, ~(1 << this.me));
    Atomics.notify(this.words, Word.MEMBERS);
  }
}
