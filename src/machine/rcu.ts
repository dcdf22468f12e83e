import type { Arena } from '../arena/arena.js';
import { Context } from '../arena/layout.generated.js';

/**
 * Grace periods. A context's `seq` is odd while it is inside a bottom-half section; once every context that was inside
 * has left, nobody uses what was unpublished before.
 */
export class Rcu {
  readonly #arena: Arena;
  readonly #contexts: readonly number[];
  readonly #pending: Callback[] = [];

  /** `contexts`: addresses of all contexts; the list may grow. */
  constructor(arena: Arena, contexts: readonly number[]) {
    this.#arena = arena;
    this.#contexts = contexts;
  }

  /** `call_rcu`: runs `done` after a grace period, from a later `poll`. */
  defer(done: () => void): void {
    this.#pending.push({ inside: this.#snapshot(), done });
  }

  /** Runs what has waited long enough; returns how many still wait. */
  poll(): number {
    // Callbacks end in order: a later one may rely on an earlier one.
    while (this.#pending.length > 0) {
      const { inside, done } = this.#pending[0]!;
      while (inside.length > 0 && this.#hasLeft(inside.at(-1)!)) inside.pop();
      if (inside.length > 0) break;
      this.#pending.shift();
      done();
    }
    return this.#pending.length;
  }

  #snapshot(): Section[] {
    return this.#contexts
      .map((context) => ({ context, seq: this.#arena.loadShared(context, Context.seq) }))
      .filter(({ seq }) => seq % 2 === 1);
  }

  #hasLeft({ context, seq }: Section): boolean {
    return (
      this.#arena.loadShared(context, Context.seq) !== seq ||
      this.#arena.loadShared(context, Context.dead) !== 0
    );
  }
}

interface Section {
  readonly context: number;
  readonly seq: number;
}

interface Callback {
  readonly inside: Section[];
  readonly done: () => void;
}
