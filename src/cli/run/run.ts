import { resolve } from 'node:path';
import { WorkerDiedError } from '../../machine/crew.js';
import { InvariantError } from '../../machine/failure.js';
import { Machine } from '../../machine/machine.js';
import type { MachineOptions } from '../../machine/machineOptions.js';
import { FaultTally } from '../../program/faultTally.js';
import { printkText } from '../../report/printk.js';
import type { Report } from '../../report/report.js';
import { summaryText } from '../../report/text.js';
import { TimelineRecorder } from '../../report/timeline/timelineRecorder.js';
import type { Scenario } from '../../scenario/scenario.js';
import { EXIT } from '../exit.js';
import type { Io } from '../io.js';
import type { RunArguments } from './arguments.js';
import { MetricsServer } from './metricsServer.js';
import type { ObservedRun, RunObserver } from './observer.js';
import { OutFolder } from './outFolder.js';
import { ProgressLine } from './progress.js';
import { StopSignals } from './signals.js';
import { loadTarget } from './target.js';
import { brokenInvariantOf, lossy, unbalanced } from './verdict.js';

/**
 * `xdpemu run`: the life of one machine. Returns the exit code.
 *
 * @param tool what watches the run, if it is not for its own sake: standard output is the tool's then, and what the run
 *   prints goes to standard error
 * @throws InvariantError after the summary; UsageError and the errors of scenarios, programs, captures and maps
 */
export async function run(args: RunArguments, io: Io, tool?: RunObserver): Promise<number> {
  const stop = new StopSignals();
  let observers: readonly RunObserver[] = [];
  // Nobody reads what the tool prints any more (`xdpemu monitor ... | head`): the run, which may have no end, ends.
  if (tool !== undefined) io.stdout.once('error', stop.ask);
  try {
    const scenario = await loadTarget(args.target, args.overrides, args.objects, stop.signal);
    observers = await observersOf(args, tool);
    const { report, broken } = await runMachine(scenario, args, { io, stop, observers });
    const output = tool === undefined ? io.stdout : io.stderr;
    output.write(args.json ? `${JSON.stringify(report)}\n` : summaryText(report, scenario));
    tellDeaths(report, io);
    if (broken !== undefined) throw broken;
    return report.deaths.length > 0 ? EXIT.BROKEN : EXIT.DONE;
  } catch (error) {
    if (error !== stop.signal.reason) throw error;
    io.stderr.write(`xdpemu: stopped by ${stop.received} before any frame came in\n`);
    return EXIT.KILLED;
  } finally {
    for (const observer of observers) await observer.close?.();
    stop.release();
  }
}

/** All who watch, in the order in which they are told. Throws UsageError where one cannot have what it was asked for. */
async function observersOf(
  { out, ledger, timeline, prometheus }: RunArguments,
  tool: RunObserver | undefined,
): Promise<RunObserver[]> {
  return [
    ...(out === undefined ? [] : [OutFolder.prepare(out, ledger)]),
    ...(timeline === undefined ? [] : [new TimelineRecorder(timeline)]),
    ...(prometheus === undefined ? [] : [await MetricsServer.listen(prometheus)]),
    ...(tool === undefined ? [] : [tool]),
  ];
}

function tellDeaths({ deaths }: Report, { stderr }: Io): void {
  if (deaths.length === 0) return;
  for (const { message } of deaths) stderr.write(`xdpemu: ${message}\n`);
  stderr.write('xdpemu: the other workers ran to the end; what they did is counted in full\n');
}

interface Surroundings {
  readonly io: Io;
  readonly stop: StopSignals;
  readonly observers: readonly RunObserver[];
}

interface Outcome {
  readonly report: Report;
  /** The invariant that does not hold, if one does not: the report shows what was counted until then. */
  readonly broken: InvariantError | undefined;
}

async function runMachine(
  scenario: Scenario,
  args: RunArguments,
  { io, stop, observers }: Surroundings,
): Promise<Outcome> {
  const faults = new FaultTally();
  const progress = new ProgressLine(io);
  const observe = mostOf(observers);
  const machine = await Machine.create(scenario, {
    mode: 'threads',
    signal: stop.signal,
    observe,
    onFault: faults.add,
    onPrintk: (event) => {
      progress.clear();
      io.stderr.write(printkText(event));
    },
    ...(args.btf !== undefined && { btf: resolve(args.btf) }),
  });
  try {
    const observed: ObservedRun = { machine, scenario, io, stop: stop.ask };
    for (const observer of observers) await observer.start(observed);
    const { elapsedNs, broken } = await letTrafficIn(machine, args, stop, progress);
    const counters = await machine.close();
    if (machine.lostPrints > 0) {
      io.stderr.write(`xdpemu: ${machine.lostPrints} lines of bpf_trace_printk were lost\n`);
    }
    const report: Report = {
      ...counters,
      kernel: scenario.kernel,
      seed: scenario.seed,
      elapsedNs,
      stoppedBy: stop.received ?? null,
      faults: faults.take().map(({ alike: _, ...fault }) => fault),
      deaths: machine.deaths.map(({ role, cpu, framesHeld, message }) => {
        return { role, cpu, framesHeld, message };
      }),
    };
    for (const observer of observers) await observer.finish?.(observed, report);
    const lost = observe === false ? undefined : lossy(machine);
    return { report, broken: broken ?? unbalanced(counters) ?? lost };
  } finally {
    // Where something failed; else it is closed already.
    await machine.close();
  }
}

/** What the machine has to tell of, for all of them. */
function mostOf(observers: readonly RunObserver[]): NonNullable<MachineOptions['observe']> {
  const wanted = observers.map(({ observe = true }) => observe);
  return wanted.includes('stages') ? 'stages' : wanted.includes(true);
}

/** Runs the traffic and checks the machine. */
async function letTrafficIn(
  machine: Machine,
  { frames, durationMs }: RunArguments,
  { signal }: StopSignals,
  progress: ProgressLine,
): Promise<{ readonly elapsedNs: number; readonly broken: InvariantError | undefined }> {
  const startMs = performance.now();
  try {
    const { elapsedNs, isDrained } = await machine.run({
      signal,
      onProgress: progress.show,
      ...(frames !== undefined && { frames }),
      ...(durationMs !== undefined && { durationMs }),
    });
    // Frames that go round can only be counted once everything stands still: after the machine is closed.
    return { elapsedNs, broken: isDrained ? brokenInvariantOf(machine) : undefined };
  } catch (error) {
    const elapsedNs = Math.round((performance.now() - startMs) * 1e6);
    if (error instanceof InvariantError) return { elapsedNs, broken: error };
    // The others have finished: the report has what they did, and names the dead.
    if (error instanceof WorkerDiedError) return { elapsedNs, broken: brokenInvariantOf(machine) };
    throw error;
  } finally {
    progress.clear();
  }
}
