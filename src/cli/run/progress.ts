import { decimal, whole } from '../../report/format.js';
import type { Io } from '../io.js';

export interface Progress {
  readonly received: number;
  readonly ended: number;
  readonly elapsedNs: number;
}

/** Back to the line's start, and what stands there erased (ECMA-48 EL). */
const ERASE_LINE = '\r\u001b[K';

/** One line on stderr that says how far the run is; nothing where stderr is no terminal. */
export class ProgressLine {
  readonly #io: Io;
  #isShown = false;
  #last: Progress = { received: 0, ended: 0, elapsedNs: 0 };

  constructor(io: Io) {
    this.#io = io;
  }

  readonly show = (now: Progress): void => {
    if (!this.#io.stderr.isTTY) return;
    const last = this.#last;
    const perSecond = ((now.ended - last.ended) * 1e9) / (now.elapsedNs - last.elapsedNs);
    const underWay = Math.max(0, now.received - now.ended);
    this.#io.stderr.write(
      `${ERASE_LINE}${decimal(now.elapsedNs / 1e9, 1)} s  ${whole(now.received)} frames  ` +
        `${whole(Math.round(perSecond))}/s  ${whole(underWay)} under way`,
    );
    this.#last = now;
    this.#isShown = true;
  };

  /** Takes the line away: what comes next has the terminal to itself. */
  clear(): void {
    if (this.#isShown) this.#io.stderr.write(ERASE_LINE);
    this.#isShown = false;
  }
}
