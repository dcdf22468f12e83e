import type { ProgramFault } from './host.js';

/** Different faults that are told apart; what a program says that makes up its messages counts as one. */
const FAULTS_MAX = 100;

/** Counts faults that are the same, at whatever address: a program may throw on every one of millions of frames. */
export class FaultTally {
  #counts = new Map<string, { fault: ProgramFault; count: number }>();

  readonly add = (fault: ProgramFault): void => {
    let kept = fault;
    let key = `${fault.program}\n${fault.alike ?? fault.message}\n${fault.at}`;
    if (!this.#counts.has(key) && this.#counts.size >= FAULTS_MAX) {
      kept = { ...fault, message: 'other exceptions', at: undefined };
      key = fault.program;
    }
    const known = this.#counts.get(key);
    if (known === undefined) {
      this.#counts.set(key, { fault: kept, count: fault.count });
      return;
    }
    known.count += fault.count;
    const { fault: first } = known;
    if (first.alike !== undefined && first.message !== kept.message)
      known.fault = { ...first, message: first.alike };
  };

  /** What was added since the last call, the most frequent first. */
  take(): ProgramFault[] {
    if (this.#counts.size === 0) return [];
    const taken = [...this.#counts.values()];
    this.#counts = new Map();
    return taken.sort((a, b) => b.count - a.count).map(({ fault, count }) => ({ ...fault, count }));
  }
}
