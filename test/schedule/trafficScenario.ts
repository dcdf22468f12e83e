import { MapType } from '../../src/arena/layout.generated.js';
import type { System } from '../../src/machine/system.js';
import type { ControlWaits, ExploredScenario } from '../../src/schedule/exploration.js';
import { Steer } from './programs.js';
import {
  buildTrafficMachine,
  KTHREAD_CPU,
  NR_CPUS,
  type TrafficMachine,
} from './trafficMachine.js';

/** What arrives at each receive queue between two operations of control. */
const bursts: readonly (readonly number[])[] = [
  [Steer.CPU, Steer.CPU, Steer.DEVICE, Steer.CPU],
  [Steer.CPU, Steer.BROADCAST, Steer.PASS, Steer.CPU],
];

/** Traffic to CPUs, devices and everywhere, while control replaces and deletes what it is redirected to. */
export type TrafficScenario = ExploredScenario<TrafficMachine>;

export const trafficScenario: TrafficScenario = {
  kernel: 618,
  nrCpus: NR_CPUS,
  build: buildTrafficMachine,
  control(system, machine, turns) {
    machine.cpus.update(KTHREAD_CPU, 8);
    machine.devices.update(0, machine.outputs[0]!.ifindex);
    machine.devices.update(1, machine.outputs[1]!.ifindex);
    for (const operation of operations) {
      arrive(machine);
      operation(system, machine, turns);
      system.housekeep();
    }
  },
};

/** The same with devices in a hash, whose chains receivers go along while control changes them. */
export const hashedDevicesScenario: TrafficScenario = {
  ...trafficScenario,
  build: (system, programs) => buildTrafficMachine(system, programs, MapType.DEVMAP_HASH),
};

const operations: readonly ((
  system: System,
  machine: TrafficMachine,
  turns: ControlWaits,
) => void)[] = [
  (_, { cpus, onwardFd }) => cpus.update(KTHREAD_CPU, 2, onwardFd),
  (_, { devices, outputs }) => devices.update(1, outputs[0]!.ifindex),
  ({ devices }, { outputs }) => devices.setUp(outputs[0]!, false),
  (_system, _machine, turns) => turns.settle(),
  (_, { cpus }) => cpus.delete(KTHREAD_CPU),
  ({ devices }, { outputs }) => devices.setUp(outputs[0]!, true),
  (_, { cpus }) => cpus.update(KTHREAD_CPU, 16),
  (_, { devices }) => devices.delete(0),
  // Nothing is left: what still arrives has no target.
  (_, { cpus, devices }) => {
    cpus.delete(KTHREAD_CPU);
    devices.delete(0);
    devices.delete(1);
  },
];

/** The same frames in every run; what finds no room is not sent. */
function arrive(machine: TrafficMachine): void {
  bursts.forEach((burst, input) => {
    burst.forEach((target, n) => {
      machine.inject(input, [target, target === Steer.CPU ? KTHREAD_CPU : n % 2, n]);
    });
  });
}
