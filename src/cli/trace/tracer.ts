import { closeSync, openSync, writeSync } from 'node:fs';
import type { Parameters } from '../../bpftrace/check/parameters.js';
import type { OutputFormat } from '../../bpftrace/output/output.js';
import type { BpftraceProgram } from '../../bpftrace/program.js';
import { BpftraceSession } from '../../bpftrace/session.js';
import { machineClock } from '../../machine/workerTask.js';
import { xdpEventsOf } from '../../trace/tracepoints.js';
import type { ObservedRun, RunObserver } from '../run/observer.js';
import { IntervalTimers } from './intervalTimers.js';

export interface TracerOptions {
  readonly parameters: Parameters;
  readonly format: OutputFormat;
  /** Undefined: standard output. */
  readonly outputFile: string | undefined;
  readonly isQuiet: boolean;
}

/** Runs a bpftrace program on a run. */
export class Tracer implements RunObserver {
  readonly #program: BpftraceProgram;
  readonly #options: TracerOptions;
  #session: BpftraceSession | undefined;
  #timers: IntervalTimers | undefined;
  #file: number | undefined;

  constructor(program: BpftraceProgram, options: TracerOptions) {
    this.#program = program;
    this.#options = options;
  }

  start({ machine, io, stop }: ObservedRun): void {
    const { parameters, format, outputFile, isQuiet } = this.#options;
    const events = xdpEventsOf(machine.system.kernel.version);
    const checked = this.#program.check({ events, parameters });
    io.stderr.write(this.#program.warningText(checked));
    const file = outputFile === undefined ? undefined : openSync(outputFile, 'w');
    this.#file = file;
    const { clockOriginMs } = machine;
    const nowNs = machineClock(clockOriginMs);
    const write = (text: string): void => {
      if (file === undefined) io.stdout.write(text);
      else writeSync(file, text);
    };
    const host = { format, parameters, clockOriginMs, nowNs, write, stop };
    const session = new BpftraceSession(checked, host);
    this.#session = session;
    session.begin({ isQuiet });
    const { tracepoints } = session;
    if (tracepoints.length > 0) {
      machine.record({ tracepoints, onTracepoint: (event) => session.hit(event) });
    }
    this.#timers = new IntervalTimers(session.intervals, nowNs);
  }

  finish({ machine }: ObservedRun): void {
    this.#timers?.stop();
    this.#session?.end({ lost: machine.lostRecords });
    if (this.#file !== undefined) closeSync(this.#file);
  }
}
