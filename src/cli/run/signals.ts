import { EXIT } from '../exit.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
export type StopSignal = (typeof SIGNALS)[number];

/** While it lives, the first SIGINT or SIGTERM asks the run to end, and the second ends the process. */
export class StopSignals {
  readonly #abort = new AbortController();
  readonly #onSignal = (received: StopSignal): void => {
    if (this.received !== undefined) process.exit(EXIT.KILLED);
    this.received = received;
    this.ask();
  };
  /** Asks the run to end. */
  readonly ask = (): void => this.#abort.abort();
  /** The signal that came. */
  received: StopSignal | undefined;

  constructor() {
    for (const name of SIGNALS) process.on(name, this.#onSignal);
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  release(): void {
    for (const name of SIGNALS) process.off(name, this.#onSignal);
  }
}
