import type { Parameters } from '../../bpftrace/check/parameters.js';
import type { OutputFormat } from '../../bpftrace/output/output.js';
import type { BpftraceProgram } from '../../bpftrace/program.js';
import { BpftraceSession } from '../../bpftrace/session.js';
import { FileSink } from '../../capture/sink.js';
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
  #file: FileSink | undefined;
  /** Why the file could not be written: where it happens, in a probe or a timer, it would end more than the tracing. */
  #failure: unknown;

  constructor(program: BpftraceProgram, options: TracerOptions) {
    this.#program = program;
    this.#options = options;
  }

  start({ machine, io, stop }: ObservedRun): void {
    const { parameters, format, outputFile, isQuiet } = this.#options;
    const events = xdpEventsOf(machine.system.kernel.version);
    const checked = this.#program.check({ events, parameters });
    io.stderr.write(this.#program.warningText(checked));
    this.#file = outputFile === undefined ? undefined : FileSink.create(outputFile);
    const { clockOriginMs } = machine;
    const nowNs = machineClock(clockOriginMs);
    const write =
      outputFile === undefined
        ? (text: string) => void io.stdout.write(text)
        : (text: string) => this.#writeFile(text, stop);
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

  /** What is printed is in the file at once, for those who follow it. */
  #writeFile(text: string, stop: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      this.#file!.write(Buffer.from(text));
      this.#file!.flush();
    } catch (error) {
      this.#failure = error;
      stop();
    }
  }

  finish({ machine }: ObservedRun): void {
    this.#timers?.stop();
    this.#session?.end({ lost: machine.lostRecords });
    if (this.#failure !== undefined) throw this.#failure;
    this.#file?.close();
  }
}
