import type { RedirectCell, RedirectMatrix } from './document.js';

/** Pairs that are told apart; later ones are counted together. */
const CELLS_MAX = 4096;

type Cell = { -readonly [K in keyof RedirectCell]: RedirectCell[K] };

/** Who redirected to whom, and how often that failed. */
export class RedirectPairs {
  readonly #bySource = new Map<string, Map<string, Cell>>();
  readonly #cellsMax: number;
  #cells = 0;
  #rest = 0;

  constructor(cellsMax = CELLS_MAX) {
    this.#cellsMax = cellsMax;
  }

  add(from: string, to: string, isError: boolean): void {
    const cell = this.#bySource.get(from)?.get(to) ?? this.#newCell(from, to);
    if (cell === undefined) this.#rest++;
    else if (isError) cell.errors++;
    else cell.frames++;
  }

  #newCell(from: string, to: string): Cell | undefined {
    if (this.#cells >= this.#cellsMax) return undefined;
    this.#cells++;
    const cell: Cell = { from, to, frames: 0, errors: 0 };
    const targets = this.#bySource.get(from);
    if (targets === undefined) this.#bySource.set(from, new Map([[to, cell]]));
    else targets.set(to, cell);
    return cell;
  }

  matrix(): RedirectMatrix {
    const cells = [...this.#bySource.values()].flatMap((targets) => [...targets.values()]);
    return { cells, rest: this.#rest };
  }
}
