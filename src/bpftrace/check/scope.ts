import type { TracepointInfo } from '../../trace/tracepoints.js';
import type { Diagnostic } from '../language/diagnostic.js';
import type { Span } from '../language/span.js';
import type { Type } from '../language/types.js';
import type { LinearRange } from '../values/histogram.js';
import type { Target } from './attachPoints.js';
import type { Parameters } from './parameters.js';

/**
 * bpftrace infers types by going over the program again and again; most rules hold from the last pass, when all that can
 * be known is. The same here, since its messages and its idea of a sign depend on it.
 */
export const PASSES = 10;

/** What is known of a program while it is checked. */
export class Scope {
  readonly parameters: Parameters;
  readonly mapTypes = new Map<string, Type>();
  readonly mapKeys = new Map<string, readonly Type[]>();
  /** Of maps of `lhist`s. */
  readonly ranges = new Map<string, LinearRange>();
  readonly diagnostics: Diagnostic[] = [];
  /** Of the probe at hand. */
  targets: readonly Target[] = [];
  variables = new Map<string, Type>();
  pass = 1;

  constructor(parameters: Parameters) {
    this.parameters = parameters;
  }

  get isFirst(): boolean {
    return this.pass === 1;
  }

  get isFinal(): boolean {
    return this.pass === PASSES;
  }

  get hasErrors(): boolean {
    return this.diagnostics.some(({ severity }) => severity === 'ERROR');
  }

  /** The events that `args` may be of. */
  get events(): readonly TracepointInfo[] {
    return this.targets.flatMap((target) => (target.kind === 'tracepoint' ? [target.info] : []));
  }

  error(span: Span, message: string): void {
    this.diagnostics.push({ severity: 'ERROR', span, message });
  }

  warn(span: Span, message: string): void {
    this.diagnostics.push({ severity: 'WARNING', span, message });
  }
}
