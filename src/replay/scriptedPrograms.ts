import type { System } from '../machine/system.js';
import { ATTACH_TYPE, type Program } from '../maps/objects.js';
import type { ProgramDescription } from '../program/host.js';
import { installProgram } from '../program/trampoline.js';
import type { Action, HelperCall, ProgramDeclaration } from './redirectTrace.js';
import {
  type BoundAction,
  type BoundCall,
  type BoundScript,
  scriptedProgram,
} from './scriptedProgram.js';

/** What the script's symbols stand for on this machine. */
export interface ScriptSymbols {
  /** Address of the `BpfMap`. */
  readonly mapAddress: (id: string) => number;
  readonly ifindex: (device: string | number) => number;
}

const MAKER_URL = new URL('./scriptedProgram.js', import.meta.url).href;

/** The programs of an experiment, each loaded on the calling thread. */
export class ScriptedPrograms {
  /** For threads that will run them too. */
  readonly descriptions: ProgramDescription[] = [];
  readonly #system: System;
  readonly #symbols: ScriptSymbols;

  constructor(system: System, symbols: ScriptSymbols) {
    this.#system = system;
    this.#symbols = symbols;
  }

  /** The receiving device's program. */
  addMain(script: readonly Action[]): Program {
    const steps = new Map(script.map((action, frame) => [frame, this.#bind(action)]));
    return this.#add('main', ATTACH_TYPE.XDP, { steps, usual: undefined });
  }

  /** A map entry's program. */
  addEntryProgram({ id, kind, default: usual, steps }: ProgramDeclaration): Program {
    const attachType = kind === 'cpumap' ? ATTACH_TYPE.XDP_CPUMAP : ATTACH_TYPE.XDP_DEVMAP;
    const bound = Object.entries(steps).map(
      ([frame, action]) => [Number(frame), this.#bind(action)] as const,
    );
    return this.#add(id, attachType, { steps: new Map(bound), usual: this.#bind(usual) });
  }

  #add(name: string, expectedAttachType: number, script: BoundScript): Program {
    const { arena, dp } = this.#system;
    // All are loaded with frags, so that fragmented frames reach them; maps want them all alike.
    const program = this.#system.addProgram({ name, expectedAttachType, hasFrags: true });
    const { tableIndex } = program;
    installProgram(dp.table, tableIndex, scriptedProgram(arena, dp, script));
    const source = {
      kind: 'maker',
      url: MAKER_URL,
      exportName: scriptedProgram.name,
      data: script,
    } as const;
    this.descriptions.push({ name, tableIndex, source });
    return program;
  }

  #bind({ calls, ret }: Action): BoundAction {
    return { calls: calls.map((call) => this.#bindCall(call)), ret };
  }

  #bindCall(call: HelperCall): BoundCall {
    const { flags } = call;
    if ('ifindex' in call) return { ifindex: this.#symbols.ifindex(call.ifindex), flags };
    return { mapAddress: this.#symbols.mapAddress(call.map), key: call.key, flags };
  }
}
