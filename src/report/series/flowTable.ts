import type { FlowSpread } from './document.js';

/** Flows that are told apart; later ones are counted together, by CPU. */
const FLOWS_MAX = 4096;

/** Which CPUs the frames of each flow were handled on. */
export class FlowTable {
  readonly #flows = new Map<string, number[]>();
  readonly #flowsMax: number;
  readonly #nrCpus: number;
  readonly #rest: number[];

  constructor(nrCpus: number, flowsMax = FLOWS_MAX) {
    this.#nrCpus = nrCpus;
    this.#flowsMax = flowsMax;
    this.#rest = this.#zeros();
  }

  #zeros(): number[] {
    return Array<number>(this.#nrCpus).fill(0);
  }

  add(flow: string, cpu: number): void {
    let cpus = this.#flows.get(flow);
    if (cpus === undefined && this.#flows.size < this.#flowsMax) {
      cpus = this.#zeros();
      this.#flows.set(flow, cpus);
    }
    const counts = cpus ?? this.#rest;
    counts[cpu] = counts[cpu]! + 1;
  }

  /** The flows with the most frames first. */
  spread(): FlowSpread {
    const flows = [...this.#flows].map(([flow, cpus]) => ({
      flow,
      frames: cpus.reduce((sum, frames) => sum + frames, 0),
      cpus,
    }));
    return { flows: flows.sort((a, b) => b.frames - a.frames), rest: this.#rest };
  }
}
