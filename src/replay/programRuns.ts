import type { RawRecord } from '../trace/records.js';
import type { EventSymbols } from './events.js';
import type { ProgramDeclaration, Returns } from './redirectTrace.js';

/** The receiving device's program, or a map entry's. */
export type ProgramKind = 'main' | ProgramDeclaration['kind'];

/** One run of a scripted program, and what it saw. */
export interface ProgramRun {
  /** `main`, or the id of an entry's program. */
  readonly prog: string;
  readonly kind: ProgramKind;
  readonly frame: number;
  readonly returns: Returns;
  readonly act: number;
  readonly ingressIfindex: number;
  readonly egressIfindex: number;
  readonly rxQueue: number;
}

/** The run that a `RecordKind.RUN` tells of (`dataplane/trace/runs.ts`). */
export function runOf(symbols: EventSymbols, { fields }: RawRecord): ProgramRun {
  const [id, frame, calls, first, second, act, ingressIfindex, egressIfindex, rxQueue] = Array.from(
    fields,
    (field) => field >>> 0,
  ) as unknown as RunFields;
  return {
    prog: symbols.programName(id),
    kind: symbols.programKind(id),
    frame,
    returns: calls === 0 ? null : calls === 1 ? first : [first, second],
    act,
    ingressIfindex,
    egressIfindex,
    rxQueue,
  };
}

// biome-ignore format: nine fields
type RunFields = readonly [number, number, number, number, number, number, number, number, number];
