import type { LedgerEntry } from '../../src/ledger/entry.js';
import type { LedgerRun } from '../../src/ledger/hint.js';
import { LedgerKeeper } from '../../src/ledger/keeper.js';
import { Machine } from '../../src/machine/machine.js';
import { udpFrame } from '../../src/packet/build.js';
import type { XdpProgram } from '../../src/program/define.js';
import type { ModuleScenario } from '../../src/scenario/module.js';

/** A frame of the flow with source port 1000 + `index`. */
export function frameOf(index: number, payload = 0): Uint8Array {
  const addresses = { src: '10.0.0.1', dst: '10.0.0.2' };
  return udpFrame({
    ...addresses,
    sport: 1000 + index,
    dport: 53,
    payload: new Uint8Array(payload),
  });
}

/** Injects frames at eth0 and returns their entries, in the order in which they ended, and the run as a report has it. */
export async function ledgerOf(
  scenario: ModuleScenario,
  programs: Readonly<Record<string, XdpProgram>>,
  frames: readonly Uint8Array[],
): Promise<{ readonly entries: LedgerEntry[]; readonly run: LedgerRun }> {
  const machine = await Machine.create(scenario, { programs });
  const entries: LedgerEntry[] = [];
  const keeper = new LedgerKeeper(machine.names, (entry) => entries.push(entry));
  machine.record(keeper.listener);
  await machine.inject('eth0', frames);
  const counters = await machine.close();
  keeper.finish();
  const { kernel, seed } = machine.scenario;
  const rest = { kernel, seed, elapsedNs: 0, stoppedBy: null, faults: [], deaths: [] };
  return { entries, run: { ...counters, ...rest, scenario: machine.scenario } };
}
