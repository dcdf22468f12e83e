import { Fate, RecordKind } from '../arena/layout.generated.js';
import { type EventSymbols, eventOf } from './events.js';
import type { Moment, RedirectEvent, Returns } from './redirectTrace.js';
import type { ProgramRun } from './scriptedPrograms.js';
import type { Happening } from './timeline.js';

/** What happened on the receiving CPU. */
export interface ReceiverOutcome {
  readonly returns: readonly Returns[];
  readonly actions: readonly number[];
  readonly events: readonly RedirectEvent[];
  /** Frames that it gave to the stack. */
  readonly stack: readonly number[];
}

export function receiverOutcome(
  symbols: EventSymbols,
  batches: readonly number[],
  happenings: readonly Happening[],
): ReceiverOutcome {
  const batchOf = batches.flatMap((count, batch) => new Array<number>(count).fill(batch));
  const returns: Returns[] = [];
  const actions: number[] = [];
  const events: RedirectEvent[] = [];
  const stack: number[] = [];
  let batch = 0;
  let moment: Moment = { frame: 0 };
  for (const happening of happenings) {
    if (happening.kind === 'run') {
      const { run } = happening;
      if (run.kind === 'main') {
        batch = batchOf[run.frame]!;
        moment = { frame: run.frame };
        returns[run.frame] = run.returns;
        actions[run.frame] = run.act;
      } else {
        events.push({ ...moment, ...entryProgramEvent(symbols, run) });
      }
      continue;
    }
    const { record } = happening;
    if (record.kind === RecordKind.FLUSH) moment = { flush: batch };
    else if (record.kind === RecordKind.TRACEPOINT)
      events.push({ ...moment, ...eventOf(symbols, record) });
    else if (record.kind === RecordKind.FATE && record.type === Fate.PASS)
      stack.push(record.tag - 1);
  }
  return { returns, actions, events, stack };
}

function entryProgramEvent(symbols: EventSymbols, run: ProgramRun) {
  const { prog, frame: seq, returns, act, ingressIfindex, egressIfindex, rxQueue } = run;
  return {
    ev: 'prog',
    prog,
    seq,
    ...(returns !== null && { return: returns }),
    act,
    ingressIfindex: symbols.deviceName(ingressIfindex),
    egressIfindex: symbols.deviceName(egressIfindex),
    rxQueue,
  };
}
