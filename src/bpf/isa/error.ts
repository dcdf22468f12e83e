/** A program that cannot be run: malformed code. `slot` counts 8-byte slots from 0, as the kernel's log does. */
export class BpfProgramError extends Error {
  readonly slot: number;
  /** The message without the place. */
  readonly problem: string;

  constructor(slot: number, problem: string) {
    super(`insn ${slot}: ${problem}`);
    this.name = 'BpfProgramError';
    this.slot = slot;
    this.problem = problem;
  }
}
