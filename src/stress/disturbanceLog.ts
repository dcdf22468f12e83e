import { type DisturbanceKind, disturbanceKinds } from './disturbances.js';

/** How many disturbances a failed run tells of. */
const LINES_MAX = 100;

/** What was disturbed, counted, and the last of it in order. */
export class DisturbanceLog {
  readonly #counts = new Map<DisturbanceKind, number>(disturbanceKinds.map((kind) => [kind, 0]));
  readonly #lines: string[] = [];
  readonly #startMs = performance.now();

  add({ kind, what }: { readonly kind: DisturbanceKind; readonly what: string }): void {
    this.#counts.set(kind, this.#counts.get(kind)! + 1);
    this.#lines.push(`${(performance.now() - this.#startMs).toFixed(0)} ms ${kind} ${what}`);
    if (this.#lines.length > LINES_MAX) this.#lines.shift();
  }

  get counts(): Readonly<Record<DisturbanceKind, number>> {
    return Object.fromEntries(this.#counts) as Record<DisturbanceKind, number>;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }
}
