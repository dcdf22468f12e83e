import type { RedirectCell, RedirectMatrix } from './document.js';

/** Pairs that are told apart; later ones are counted together. */
const CELLS_MAX = 4096;

/** Who redirected to whom, and how often that failed. */
export class RedirectPairs {
  readonly #cells = new Map<string, RedirectCell>();
  readonly #cellsMax: number;
  #rest = 0;

  constructor(cellsMax = CELLS_MAX) {
    this.#cellsMax = cellsMax;
  }

  add(from: string, to: string, isError: boolean): void {
    // Names may hold anything but this.
    const key = `${from}\0${to}`;
    const cell = this.#cells.get(key);
    const frames = (cell?.frames ?? 0) + (isError ? 0 : 1);
    const errors = (cell?.errors ?? 0) + (isError ? 1 : 0);
    if (cell === undefined && this.#cells.size >= this.#cellsMax) this.#rest++;
    else this.#cells.set(key, { from, to, frames, errors });
  }

  matrix(): RedirectMatrix {
    return { cells: [...this.#cells.values()], rest: this.#rest };
  }
}
