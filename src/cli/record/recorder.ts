import { machine as architecture, hostname } from 'node:os';
import type { TraceEvent } from '../../machine/recordEvents.js';
import { type PerfDataSummary, PerfDataWriter } from '../../perfData/writer.js';
import { kthreadComm } from '../../trace/comm.js';
import type { Io } from '../io.js';
import type { ObservedRun, RunObserver } from '../run/observer.js';
import { UsageError } from '../usageError.js';
import { packageVersion } from '../version.js';
import { selectEvents } from './events.js';
import { openRecordFile } from './recordFile.js';

/** What `xdpemu record` was asked for. */
export interface RecordArguments {
  readonly events: readonly string[];
  readonly output: string;
  readonly isQuiet: boolean;
  /** The command line, for the file's header. */
  readonly cmdline: readonly string[];
}

/** Writes the tracepoints of a run to a `perf.data`. */
export class PerfRecorder implements RunObserver {
  readonly #args: RecordArguments;
  #writer: PerfDataWriter | undefined;
  /** Why the file could not be written to the end. */
  #failure: UsageError | undefined;

  constructor(args: RecordArguments) {
    this.#args = args;
  }

  start({ machine, scenario, stop }: ObservedRun): void {
    const { events, output, cmdline } = this.#args;
    const infos = selectEvents(events, machine.system.kernel.version);
    const writer = new PerfDataWriter(openRecordFile(output), infos, {
      hostname: hostname(),
      osRelease: scenario.kernel,
      version: `xdpemu ${packageVersion()}`,
      arch: architecture(),
      nrCpus: scenario.cpus,
      cmdline,
    });
    this.#writer = writer;
    const onTracepoint = (event: TraceEvent) => {
      if (this.#failure !== undefined) return;
      try {
        writer.write(sampleOf(event));
      } catch (error) {
        // Here it would end the reading of all that is recorded: the run ends first, then it is told.
        this.#failure = this.#unwritable(error);
        stop();
      }
    };
    machine.record({ onTracepoint, tracepoints: infos.map(({ name }) => name) });
  }

  finish({ io }: ObservedRun): void {
    const { output, isQuiet } = this.#args;
    if (this.#failure !== undefined) throw this.#failure;
    const summary = this.#close();
    if (!isQuiet) tell(summary, output, io);
  }

  #close(): PerfDataSummary {
    try {
      return this.#writer!.close();
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  /** The error of a full disk, with the file's name; others are bugs, and go on as they are. */
  #unwritable(error: unknown): UsageError {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    return new UsageError(`-o ${this.#args.output}: cannot be written: ${message}`);
  }
}

function sampleOf({ info, timeNs, cpu, task, fields }: TraceEvent) {
  const comm = task.mapId === 0 ? '' : kthreadComm(cpu, task.mapId);
  return { info, timeNs, cpu, pid: task.pid, comm, fields };
}

/** The closing lines of `perf record`. */
function tell({ samples, bytes, flushes }: PerfDataSummary, output: string, { stderr }: Io): void {
  const megabytes = (bytes / 1024 / 1024).toFixed(3);
  const count = samples === 0 ? '' : ` (${samples} samples)`;
  stderr.write(
    `[ perf record: Woken up ${flushes} times to write data ]\n` +
      `[ perf record: Captured and wrote ${megabytes} MB ${output}${count} ]\n`,
  );
}
