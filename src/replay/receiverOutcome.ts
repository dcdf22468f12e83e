import { Fate, RecordKind } from '../arena/layout.generated.js';
import type { RawRecord } from '../trace/records.js';
import { type EventSymbols, eventOf } from './events.js';
import { type ProgramRun, runOf } from './programRuns.js';
import type { Moment, RedirectEvent, Returns } from './redirectTrace.js';

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
  records: readonly RawRecord[],
): ReceiverOutcome {
  const batchOf = batches.flatMap((count, batch) => new Array<number>(count).fill(batch));
  const returns: Returns[] = [];
  const actions: number[] = [];
  const events: RedirectEvent[] = [];
  const stack: number[] = [];
  let batch = 0;
  let moment: Moment = { frame: 0 };
  const run = (ran: ProgramRun) => {
    if (ran.kind !== 'main') {
      events.push({ ...moment, ...entryProgramEvent(symbols, ran) });
      return;
    }
    batch = batchOf[ran.frame]!;
    moment = { frame: ran.frame };
    returns[ran.frame] = ran.returns;
    actions[ran.frame] = ran.act;
  };
  for (const record of records) {
    if (record.kind === RecordKind.RUN) run(runOf(symbols, record));
    else if (record.kind === RecordKind.FLUSH) moment = { flush: batch };
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
