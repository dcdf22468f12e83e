import type { LedgerEntry } from './entry.js';
import { flowMatcher } from './flowMatcher.js';

/** Which frames are meant: those that all of what is given is true of. */
export interface LedgerFilter {
  readonly frame?: number | undefined;
  /** As `flowMatcher` takes it. */
  readonly flow?: string | undefined;
  /** Where it ended, or what it was meant for: a device, `cpu:3` or a socket. */
  readonly sink?: string | undefined;
  readonly fate?: string | undefined;
}

/** @throws RangeError for a flow that is none */
export function entryMatcher({ frame, flow, sink, fate }: LedgerFilter) {
  const hasFlow = flow === undefined ? () => true : flowMatcher(flow);
  return (entry: LedgerEntry): boolean =>
    (frame === undefined || entry.frame === frame) &&
    (fate === undefined || entry.fate === fate) &&
    (sink === undefined || sinksOf(entry).has(sink)) &&
    hasFlow(entry.flow);
}

function sinksOf({ sink, steps }: LedgerEntry): Set<string | undefined> {
  return new Set([sink, ...steps.map((step) => (step.do === 'enqueue' ? step.sink : undefined))]);
}
