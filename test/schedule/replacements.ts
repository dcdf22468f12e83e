import { Access, BpfCpuMapEntry, BpfMap, PtrRing } from '../../src/arena/layout.generated.js';
import type { System } from '../../src/machine/system.js';
import { CONTROL, type Switch } from '../../src/schedule/sharedState.js';
import { KTHREAD_CPU, RECEIVERS, type TrafficMachine } from './trafficMachine.js';
import type { TrafficScenario } from './trafficScenario.js';

/** Where a cpumap entry was replaced or deleted: its slot in the map, and the slots of the old entry's ring. */
export interface Replacement {
  readonly slot: number;
  readonly ringStart: number;
  readonly ringEnd: number;
}

/** The scenario, and the replacements in the cpumap that its next run makes. */
export function watchReplacements(scenario: TrafficScenario): {
  scenario: TrafficScenario;
  replacements: Replacement[];
} {
  const replacements: Replacement[] = [];
  return {
    replacements,
    scenario: {
      ...scenario,
      build(system, programs) {
        const machine = scenario.build(system, programs);
        const watch = <Args extends unknown[]>(change: (...args: Args) => void) => {
          return (...args: Args) => {
            noteEntry(system, machine, replacements);
            change(...args);
          };
        };
        const { update, delete: remove } = machine.cpus;
        return {
          ...machine,
          cpus: { ...machine.cpus, update: watch(update), delete: watch(remove) },
        };
      },
    },
  };
}

/** Notes the entry that is in the map now. Without schedule points: the run is as it would be. */
function noteEntry({ arena }: System, { cpus }: TrafficMachine, into: Replacement[]): void {
  const slot = arena.get(cpus.address, BpfMap.slots) + 4 * KTHREAD_CPU;
  const entry = arena.u32(slot);
  if (entry === 0) return;
  const ring = arena.get(entry, BpfCpuMapEntry.queue);
  const ringStart = arena.get(ring, PtrRing.queue);
  into.push({ slot, ringStart, ringEnd: ringStart + 4 * arena.get(ring, PtrRing.size) });
}

/**
 * Whether a receive context was stopped between two slots of a ring that it was filling, and control took the entry out
 * of the map before it went on.
 */
export function isReplacedDuringBulk(
  switches: readonly Switch[],
  replacements: readonly Replacement[],
): boolean {
  return replacements.some(({ slot, ringStart, ringEnd }) => {
    const exchanged = switches.findIndex(
      ({ from, access, address }) => from === CONTROL && access === Access.RMW && address === slot,
    );
    if (exchanged === -1) return false;
    const done = switches.findIndex(({ to }, index) => index > exchanged && to === CONTROL);
    const stopped = switches
      .slice(0, done)
      .findLastIndex(
        ({ from, access, address }) =>
          RECEIVERS.includes(from) &&
          access === Access.STORE &&
          address >= ringStart &&
          address < ringEnd,
      );
    if (stopped === -1) return false;
    const { from: receiver } = switches[stopped]!;
    return !switches.slice(stopped + 1, done).some(({ to }) => to === receiver);
  });
}
