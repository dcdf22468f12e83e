import { SpecError } from '../specError.js';

/** Far more than a real program against a real kernel needs, under a second; hostile types can ask for 2^64. */
const MAX_STEPS = 5_000_000;

/** Bounds what the relocations of one program may compare. */
export class StepBudget {
  #left = MAX_STEPS;

  take(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0) throw new SpecError(`CO-RE types take more than ${MAX_STEPS} comparisons`);
  }
}
