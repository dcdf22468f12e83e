import type { Machine } from '../../machine/machine.js';
import type { MachineOptions } from '../../machine/machineOptions.js';
import type { Report } from '../../report/report.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { Io } from '../io.js';

/** A run as those see it who watch it. */
export interface ObservedRun {
  readonly machine: Machine;
  readonly scenario: Scenario;
  readonly io: Io;
  /** Lets no more frames in, as Ctrl-C does. */
  readonly stop: () => void;
}

/** What watches a run from outside, as a tracer watches a kernel. */
export interface RunObserver {
  /** What the machine has to be able to tell of (`MachineOptions.observe`); true by default. */
  readonly observe?: MachineOptions['observe'];
  /** The machine is ready and no frame is in yet: the time for `machine.record`. */
  start(run: ObservedRun): void | Promise<void>;
  /** Every frame has its fate, every record was read and the machine is closed; its maps can still be read. */
  finish?(run: ObservedRun, report: Report): void | Promise<void>;
  /** The run has ended or come to nothing: lets go of what keeps the process alive. */
  close?(): void | Promise<void>;
}
