import { type Counts, merged, type PerCpu, totalOf } from './counts.js';
import type { View } from './interval.js';

/** What was counted in all. */
export interface Totals {
  received: number;
  redirected: number;
  rxDropped: number;
  txDropped: number;
  errors: number;
  transmitted: number;
}

/** What the intervals so far counted, as the last lines say it. */
export class RunningTotals {
  readonly #view: Pick<View, 'stats' | 'receive'>;
  readonly now: Totals = {
    received: 0,
    redirected: 0,
    rxDropped: 0,
    txDropped: 0,
    errors: 0,
    transmitted: 0,
  };

  constructor(view: Pick<View, 'stats' | 'receive'>) {
    this.#view = view;
  }

  add(counts: Counts): void {
    const { now } = this;
    const xmit = totalOf(merged(counts.xmit.values()));
    now.transmitted += xmit.processed;
    now.txDropped += xmit.dropped;
    now.errors += xmit.issue + droppedIn(counts.redirectErr) + droppedIn(counts.exception);
    if (this.#view.stats) now.redirected += totalOf(counts.redirect.get('')).processed;
    if (!this.#view.receive) return;
    const receive = totalOf(counts.receive.get(''));
    now.received += receive.processed;
    now.rxDropped += receive.dropped;
    now.errors += receive.issue;
  }
}

function droppedIn(byCause: ReadonlyMap<string, PerCpu>): number {
  return totalOf(merged(byCause.values())).dropped;
}
