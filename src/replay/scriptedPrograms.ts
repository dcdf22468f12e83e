import { MACHINE_ADDRESS, Machine, XdpBuff } from '../arena/layout.generated.js';
import type { System } from '../machine/system.js';
import { ATTACH_TYPE, type Program } from '../maps/objects.js';
import { installProgram } from '../program/trampoline.js';
import { NUMBER_OFFSET } from './frameNumber.js';
import type { Action, HelperCall, ProgramDeclaration, Returns } from './redirectTrace.js';

/** One run of a scripted program, and what it saw. */
export interface ProgramRun {
  /** The machine-wide order number of the trace record that came next: runs and records have one order. */
  readonly order: number;
  /** Context that it ran in. */
  readonly context: number;
  /** `main`, or the id of an entry's program. */
  readonly prog: string;
  readonly kind: 'main' | 'devmap' | 'cpumap';
  readonly frame: number;
  readonly returns: Returns;
  readonly act: number;
  readonly ingressIfindex: number;
  readonly egressIfindex: number;
  readonly rxQueue: number;
}

/** What the script's symbols stand for on this machine. */
export interface ScriptSymbols {
  /** Address of the `BpfMap`. */
  readonly mapAddress: (id: string) => number;
  readonly ifindex: (device: string | number) => number;
}

/** A helper call with its symbols resolved; 64-bit arguments as the registers have them. */
type BoundCall = () => number;

interface BoundAction {
  readonly calls: readonly BoundCall[];
  readonly ret: number | undefined;
}

/** Programs that do what a script says for the number of each frame, and keep a log. */
export class ScriptedPrograms {
  readonly log: ProgramRun[] = [];
  /** Id of the context that is being stepped. */
  context = 0;
  readonly #system: System;
  readonly #symbols: ScriptSymbols;

  constructor(system: System, symbols: ScriptSymbols) {
    this.#system = system;
    this.#symbols = symbols;
  }

  /** The receiving device's program. */
  addMain(script: readonly Action[]): Program {
    const actions = script.map((action) => this.#bind(action));
    return this.#add('main', 'main', ATTACH_TYPE.XDP, (frame) => actions[frame]);
  }

  /** A map entry's program. */
  addEntryProgram({ id, kind, default: usual, steps }: ProgramDeclaration): Program {
    const usualAction = this.#bind(usual);
    const actions = new Map(
      Object.entries(steps).map(([frame, action]) => [Number(frame), this.#bind(action)]),
    );
    const attachType = kind === 'cpumap' ? ATTACH_TYPE.XDP_CPUMAP : ATTACH_TYPE.XDP_DEVMAP;
    return this.#add(id, kind, attachType, (frame) => actions.get(frame) ?? usualAction);
  }

  #add(
    name: string,
    kind: ProgramRun['kind'],
    expectedAttachType: number,
    actionFor: (frame: number) => BoundAction | undefined,
  ): Program {
    // All are loaded with frags, so that fragmented frames reach them; maps want them all alike.
    const program = this.#system.addProgram({ name, expectedAttachType, hasFrags: true });
    installProgram(this.#system.dp.table, program.tableIndex, (xdp) => {
      const frame = this.#frameNumber(xdp);
      const action = actionFor(frame);
      if (action === undefined) throw new RangeError(`frame ${frame}: not in the script`);
      return this.#run(name, kind, frame, action, xdp);
    });
    return program;
  }

  #frameNumber(xdp: number): number {
    const { arena } = this.#system;
    return arena.u32(arena.get(xdp, XdpBuff.data) + NUMBER_OFFSET);
  }

  #run(
    prog: string,
    kind: ProgramRun['kind'],
    frame: number,
    { calls, ret }: BoundAction,
    xdp: number,
  ): number {
    const { arena } = this.#system;
    const order = arena.loadShared(MACHINE_ADDRESS, Machine.recordOrder) >>> 0;
    const results = calls.map((call) => call());
    const last = results.at(-1) ?? null;
    const act = ret ?? last ?? 0;
    this.log.push({
      order,
      context: this.context,
      prog,
      kind,
      frame,
      returns: results.length > 1 ? results : last,
      act,
      ingressIfindex: arena.get(xdp, XdpBuff.ingressIfindex),
      egressIfindex: arena.get(xdp, XdpBuff.egressIfindex),
      rxQueue: arena.get(xdp, XdpBuff.rxQueueIndex),
    });
    return act;
  }

  #bind({ calls, ret }: Action): BoundAction {
    return { calls: calls.map((call) => this.#bindCall(call)), ret };
  }

  #bindCall(call: HelperCall): BoundCall {
    const { dp } = this.#system;
    const { flags } = call;
    if ('ifindex' in call) {
      const ifindex = this.#symbols.ifindex(call.ifindex);
      return () => dp.bpfRedirect(ifindex, flags) >>> 0;
    }
    const map = this.#symbols.mapAddress(call.map);
    const { key } = call;
    return () => dp.bpfRedirectMap(map, key, flags) >>> 0;
  }
}
