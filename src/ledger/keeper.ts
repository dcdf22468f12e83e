import type { CloneEvent, ReceiveEvent } from '../machine/ledgerEvents.js';
import type { FateEvent } from '../machine/recordEvents.js';
import type { RecordListener } from '../machine/recorder.js';
import type { RecordNames } from '../machine/recordNames.js';
import { flowOf, formatFlow } from '../packet/flow.js';
import type { LedgerEntry, LedgerStep } from './entry.js';
import {
  enqueueStep,
  programStep,
  receiveStep,
  redirectErrorStep,
  sinkName,
  whereOf,
} from './steps.js';

/** A frame that has not met its fate. */
interface UnderWay {
  readonly frame: number;
  readonly copy: number | undefined;
  readonly flow: string | undefined;
  readonly length: number;
  readonly sinceNs: number;
  readonly steps: LedgerStep[];
  /** Copies made of the frame and of its copies, which share this. */
  readonly copies: { count: number };
}

/** Steps that are kept of a frame that goes round, at both ends of its way at least. */
const KEPT_STEPS = 128;

/** Gathers what happens to each frame; nothing is kept of one that has met its fate. */
export class LedgerKeeper {
  readonly listener: RecordListener;
  readonly #names: RecordNames;
  readonly #take: (entry: LedgerEntry) => void;
  /** By tag. */
  readonly #underWay = new Map<number, UnderWay>();

  /** `take` gets every entry, in the order in which frames end. */
  constructor(names: RecordNames, take: (entry: LedgerEntry) => void) {
    this.#names = names;
    this.#take = take;
    this.listener = {
      tracepoints: ['xdp_redirect_err'],
      onReceive: (event) => this.#receive(event),
      onProgram: (event) => this.#step(event.tag, (ns) => programStep(event, ns, names)),
      onTracepoint: (event) => {
        if (event.name !== 'xdp_redirect_err') return;
        this.#step(event.tag, (ns) => redirectErrorStep(event, ns));
      },
      onEnqueue: (event) => {
        if (!event.isTaken && this.#isSent(event.tag)) this.#underWay.delete(event.tag);
        else this.#step(event.tag, (ns) => enqueueStep(event, ns, names));
      },
      onClone: (event) => this.#copy(event),
      onFate: (event) => this.#end(event),
    };
  }

  #receive(event: ReceiveEvent): void {
    const { tag, timeNs, length, head } = event;
    const known = this.#underWay.get(tag);
    // By the peer of a veth that it was sent to.
    if (known !== undefined) {
      addStep(known.steps, receiveStep(event, known.sinceNs, this.#names));
      return;
    }
    const flow = flowOf(head);
    this.#underWay.set(tag, {
      frame: tag,
      copy: undefined,
      flow: flow === null ? undefined : formatFlow(flow),
      length,
      sinceNs: timeNs,
      steps: [receiveStep(event, timeNs, this.#names)],
      copies: { count: 0 },
    });
  }

  /** Whether all that is known of the frame is that an application wanted to send it. */
  #isSent(tag: number): boolean {
    const steps = this.#underWay.get(tag)?.steps;
    return steps?.length === 1 && steps[0]!.do === 'send';
  }

  #step(tag: number, make: (sinceNs: number) => LedgerStep): void {
    const frame = this.#underWay.get(tag);
    if (frame !== undefined) addStep(frame.steps, make(frame.sinceNs));
  }

  #copy(event: CloneEvent): void {
    const parent = this.#underWay.get(event.parent);
    if (parent === undefined || event.parent === event.tag) return;
    const copy = ++parent.copies.count;
    const step = { do: 'copy', ...whereOf(event, parent.sinceNs), copy } as const;
    addStep(parent.steps, step);
    this.#underWay.set(event.tag, { ...parent, copy, steps: [step] });
  }

  #end(event: FateEvent): void {
    const known = this.#underWay.get(event.tag);
    if (known === undefined) return;
    this.#underWay.delete(event.tag);
    const { fate, target } = event;
    const { t, cpu } = whereOf(event, known.sinceNs);
    this.#take({
      ...entryOf(known),
      fate: fate.name,
      sink: sinkName(fate.target, target, this.#names),
      t,
      ...(cpu !== undefined && { cpu }),
    });
  }

  /** Everything has stopped: frames without a fate are told of too. */
  finish(): void {
    for (const known of this.#underWay.values()) this.#take({ ...entryOf(known), fate: null });
    this.#underWay.clear();
  }
}

/** Nothing grows with the run, not even what is kept of a frame that goes round for ever. */
function addStep(steps: LedgerStep[], step: LedgerStep): void {
  steps.push(step);
  if (steps.length <= 3 * KEPT_STEPS) return;
  const between = steps.slice(KEPT_STEPS, -KEPT_STEPS);
  const count = between.reduce((sum, each) => sum + (each.do === 'left_out' ? each.steps : 1), 0);
  const gap = { do: 'left_out', t: between[0]!.t, steps: count } as const;
  steps.splice(KEPT_STEPS, between.length, gap);
}

function entryOf({ frame, copy, flow, length, sinceNs, steps }: UnderWay) {
  return {
    frame,
    ...(copy !== undefined && { copy }),
    ...(flow !== undefined && { flow }),
    length,
    at: Math.round(sinceNs),
    steps,
  };
}
