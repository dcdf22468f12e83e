import { resolve } from 'node:path';
import type { Counters } from '../../machine/counters.js';
import { WorkerDiedError } from '../../machine/crew.js';
import { InvariantError } from '../../machine/failure.js';
import { Machine } from '../../machine/machine.js';
import { FaultTally } from '../../program/faultTally.js';
import { printkText } from '../../report/printk.js';
import { endedFrames, type Report } from '../../report/report.js';
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

/**
 * `xdpemu run`: the life of one machine, watched by `observer` if there is one. Returns the exit code.
 *
 * @throws InvariantError after the summary; UsageError and the errors of scenarios, programs, captures and maps
 */
export async function run(args: RunArguments, io: Io, observer?: RunObserver): Promise<number> {
  const stop = new StopSignals();
  try {
    return await runUnlessStopped(args, io, stop, observer);
  } catch (error) {
    if (error !== stop.signal.reason) throw error;
    io.stderr.write(`xdpemu: stopped by ${stop.received} before any frame came in\n`);
    return EXIT.KILLED;
  } finally {
    stop.release();
  }
}

async function runUnlessStopped(
  args: RunArguments,
  io: Io,
  stop: StopSignals,
  observer: RunObserver | undefined,
): Promise<number> {
  const scenario = await loadTarget(args.target, args.overrides, args.objects, stop.signal);
  const out = args.out === undefined ? undefined : OutFolder.prepare(args.out, args.ledger);
  const timeline = args.timeline === undefined ? undefined : new TimelineRecorder(args.timeline);
  const metrics = args.prometheus && (await MetricsServer.listen(args.prometheus));
  const watchers = { out, timeline, observer, metrics, stop };
  const { report, broken } = await runMachine(scenario, args, watchers, io).finally(() => {
    return metrics?.close();
  });
  out?.write(report, scenario);
  const output = observer === undefined ? io.stdout : io.stderr;
  output.write(args.json ? `${JSON.stringify(report)}\n` : summaryText(report, scenario));
  for (const { message } of report.deaths) io.stderr.write(`xdpemu: ${message}\n`);
  if (report.deaths.length > 0) {
    io.stderr.write('xdpemu: the other workers ran to the end; what they did is counted in full\n');
  }
  if (broken !== undefined) throw broken;
  return report.deaths.length > 0 ? EXIT.BROKEN : EXIT.DONE;
}

interface Outcome {
  readonly report: Report;
  /** The invariant that does not hold, if one does not: the report shows what was counted until then. */
  readonly broken: InvariantError | undefined;
}

/** Who looks at a run. */
interface Watchers {
  readonly out: OutFolder | undefined;
  readonly timeline: TimelineRecorder | undefined;
  readonly observer: RunObserver | undefined;
  readonly metrics: MetricsServer | undefined;
  readonly stop: StopSignals;
}

async function runMachine(
  scenario: Scenario,
  args: RunArguments,
  { out, timeline, observer, metrics, stop }: Watchers,
  io: Io,
): Promise<Outcome> {
  const faults = new FaultTally();
  const progress = new ProgressLine(io);
  const isWatched = timeline !== undefined || observer !== undefined;
  const observe = out === undefined ? isWatched : 'stages';
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
  const observed: ObservedRun = { machine, scenario, io, stop: stop.ask };
  out?.startRecording(machine);
  timeline?.start(machine);
  if (metrics !== undefined) {
    await metrics.serve(machine);
    io.stderr.write(`xdpemu: metrics at ${metrics.url}\n`);
  }
  await observer?.start(observed);
  const { elapsedNs, broken } = await letTrafficIn(machine, args, stop, progress);
  const counters = await machine.close();
  out?.finishRecording();
  timeline?.finish();
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
  await observer?.finish(observed, report);
  const lost = observe === false ? undefined : lossy(machine);
  return { report, broken: broken ?? unbalanced(counters) ?? lost };
}

/** Runs the traffic and checks the machine; closes it where the traffic cannot be had. */
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
    await machine.close();
    throw error;
  } finally {
    progress.clear();
  }
}

function brokenInvariantOf(machine: Machine): InvariantError | undefined {
  try {
    machine.verify();
    return undefined;
  } catch (error) {
    if (error instanceof InvariantError) return error;
    throw error;
  }
}

/** The numbers that the summary says add up. */
function unbalanced({ frames }: Counters): InvariantError | undefined {
  const ended = endedFrames(frames);
  if (ended === frames.received) return undefined;
  return new InvariantError(`${frames.received} frames were received, but ${ended} have a fate`);
}

function lossy({ lostRecords }: Machine): InvariantError | undefined {
  if (lostRecords === 0) return undefined;
  return new InvariantError(`${lostRecords} records were lost: what was recorded is not complete`);
}
