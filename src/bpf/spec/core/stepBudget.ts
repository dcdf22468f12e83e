import { SpecError } from '../specError.js';

/** Far more comparisons than any real kernel type needs; hostile types can ask for 2^64. */
const MAX_STEPS = 200_000;

/** Bounds the recursive comparison of two types. */
export class StepBudget {
  #left = MAX_STEPS;

  take(): void {
    this.#left--;
    if (this.#left < 0) throw new SpecError(`CO-RE types take more than ${MAX_STEPS} comparisons`);
  }
}
