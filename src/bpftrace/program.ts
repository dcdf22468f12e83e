import { type CheckedProgram, checkProgram, type Surroundings } from './check/checker.js';
import type { ProbeNode } from './language/ast.js';
import { diagnosticText, type SourceText } from './language/diagnostic.js';
import { parseProgram } from './language/parser.js';

/** A program whose text is well formed. What it means depends on the kernel that it is for. */
export class BpftraceProgram {
  readonly #source: SourceText;
  readonly #nodes: readonly ProbeNode[];

  /** @throws BpftraceError */
  constructor(source: SourceText) {
    this.#source = source;
    this.#nodes = parseProgram(source);
  }

  /** @throws BpftraceError */
  check(surroundings: Surroundings): CheckedProgram {
    return checkProgram(this.#source, this.#nodes, surroundings);
  }

  /** What `check` found that is no error. */
  warningText({ warnings }: CheckedProgram): string {
    return warnings.map((warning) => `${diagnosticText(this.#source, warning)}\n`).join('');
  }
}
