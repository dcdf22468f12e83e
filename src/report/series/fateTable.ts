import type { FateRow } from './document.js';

type Row = { -readonly [K in keyof FateRow]: FateRow[K] };

/** Fates by target: as many rows as there are fates times devices, CPUs and sockets at most. */
export class FateTable {
  readonly #rows = new Map<string, Row>();

  add(fate: string, target: string, timeNs: number, bytes: number): void {
    const key = `${fate}\0${target}`;
    const row = this.#rows.get(key);
    if (row === undefined) {
      this.#rows.set(key, { fate, target, frames: 1, bytes, firstNs: timeNs, lastNs: timeNs });
      return;
    }
    row.frames++;
    row.bytes += bytes;
    if (timeNs < row.firstNs) row.firstNs = timeNs;
    if (timeNs > row.lastNs) row.lastNs = timeNs;
  }

  /** The most frequent first. */
  rows(): FateRow[] {
    return [...this.#rows.values()].sort((a, b) => b.frames - a.frames);
  }
}
