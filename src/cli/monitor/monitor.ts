import { ContextCounter } from '../../monitor/contextCounts.js';
import { Tally } from '../../monitor/counts.js';
import type { View } from '../../monitor/interval.js';
import { intervalRows } from '../../monitor/rows.js';
import { intervalText, totalsText } from '../../monitor/text.js';
import { RunningTotals } from '../../monitor/totals.js';
import { countedTracepoints, countTracepoint } from '../../monitor/tracepointCounts.js';
import type { Report } from '../../report/report.js';
import type { ObservedRun, RunObserver } from '../run/observer.js';
import { Screen } from './screen.js';

export interface MonitorOptions {
  readonly intervalMs: number;
  readonly extended: boolean;
  readonly stats: boolean;
  readonly receive: boolean;
}

const NOTICE = `\
NOTICE: Only tracking XDP redirect errors
        Enable redirect success stats via '-s/--stats'
`;

/** Shows the counters of a run again and again, and what they add up to at its end. */
export class Monitor implements RunObserver {
  readonly #options: MonitorOptions;
  readonly #nowMs: () => number;
  readonly #tally = new Tally();
  readonly #totals: RunningTotals;
  #extended: boolean;
  #startMs = 0;
  #lastMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #look = (_nowMs: number): void => {};
  #print = (_text: string): void => {};

  constructor(options: MonitorOptions, nowMs = () => performance.now()) {
    this.#options = options;
    this.#nowMs = nowMs;
    this.#extended = options.extended;
    this.#totals = new RunningTotals(options);
  }

  start({ machine, io }: ObservedRun): void {
    machine.record({
      tracepoints: countedTracepoints,
      onTracepoint: (event) => countTracepoint(this.#tally, event),
    });
    const { stats, receive, intervalMs } = this.#options;
    const { devices } = machine.system;
    const deviceName = (ifindex: number) => devices.byIfindex(ifindex)?.name;
    const contexts = new ContextCounter(machine.system);
    const screen = new Screen(io);
    this.#print = (text) => screen.print(text);
    this.#look = (nowMs) => {
      contexts.addTo(this.#tally);
      const counts = this.#tally.take();
      this.#totals.add(counts);
      const view: View = { extended: this.#extended, stats, receive, deviceName };
      const seconds = (nowMs - this.#lastMs) / 1000;
      screen.show(intervalText(intervalRows({ seconds, counts }, view), view));
      this.#lastMs = nowMs;
    };
    if (!stats) screen.print(NOTICE);
    process.on('SIGQUIT', this.#switchForm);
    this.#startMs = this.#nowMs();
    this.#lastMs = this.#startMs;
    this.#timer = setInterval(() => this.#look(this.#nowMs()), intervalMs);
  }

  finish(_run: ObservedRun, { elapsedNs, stoppedBy }: Report): void {
    clearInterval(this.#timer);
    process.off('SIGQUIT', this.#switchForm);
    // Below what the terminal shows of Ctrl-C.
    if (stoppedBy !== null) this.#print('\n');
    // Not when the machine was closed: nothing happens between its last frame's fate and that.
    const endMs = Math.max(this.#lastMs, this.#startMs + elapsedNs / 1e6);
    this.#look(endMs);
    this.#print(totalsText(this.#totals.now, (endMs - this.#startMs) / 1000));
  }

  readonly #switchForm = (): void => {
    this.#extended = !this.#extended;
    this.#print('\n');
  };
}
