import { idleComm, kthreadComm } from '../trace/comm.js';
import type { Target } from './check/attachPoints.js';
import type { CheckedProbe, CheckedProgram } from './check/checker.js';
import type { Parameters } from './check/parameters.js';
import type { Execute, Frame, Site, Surface } from './compile/frame.js';
import { compileProbe } from './compile/statements.js';
import { COMM_BYTES } from './language/types.js';
import { ALL, type OutputFormat } from './output/output.js';
import { BpftraceMap } from './values/map.js';

/** A tracepoint that fired, as the machine's recorder tells of it. */
export interface TracepointHit {
  readonly name: string;
  readonly timeNs: number;
  readonly cpu: number;
  readonly task: { readonly mapId: number; readonly pid: number };
  readonly fields: Readonly<Record<string, number>>;
}

/** What a program runs in. */
export interface SessionHost {
  readonly format: OutputFormat;
  readonly parameters: Parameters;
  readonly clockOriginMs: number;
  /** Nanoseconds since then: the clock that hits tell the time of. */
  nowNs(): number;
  write(text: string): void;
  /** Ends what is traced: the program has called `exit()`. */
  stop(): void;
}

/** A probe that fires every so often. */
export interface Interval {
  readonly periodNs: number;
  readonly fire: () => void;
}

interface AttachedProbe {
  readonly target: Target;
  readonly run: (site: Site) => void;
}

/** A program that runs. Tell it what happens: `begin`, `hit` and the intervals, `end`. */
export class BpftraceSession {
  readonly #host: SessionHost;
  readonly #startNs: number;
  readonly #maps: ReadonlyMap<string, BpftraceMap>;
  readonly #probes: readonly AttachedProbe[];
  readonly #byEvent: ReadonlyMap<string, readonly AttachedProbe[]>;
  /** `exit()` was called, or the end has come: probes are detached. */
  #isDetached = false;

  constructor(program: CheckedProgram, host: SessionHost) {
    this.#host = host;
    this.#startNs = Math.round(host.nowNs());
    this.#maps = new Map(
      program.maps.map((declaration) => [declaration.name, new BpftraceMap(declaration)]),
    );
    const surface = this.#surface();
    this.#probes = program.probes.flatMap((probe) =>
      probe.targets.map((target) => ({ target, run: this.#compile(probe, target, surface) })),
    );
    const events = new Map<string, AttachedProbe[]>();
    for (const probe of this.#probes) {
      if (probe.target.kind !== 'tracepoint') continue;
      const { name } = probe.target.info;
      events.set(name, [...(events.get(name) ?? []), probe]);
    }
    this.#byEvent = events;
  }

  /** Names of the tracepoints that probes are attached to. */
  get tracepoints(): readonly string[] {
    return [...this.#byEvent.keys()];
  }

  get intervals(): readonly Interval[] {
    return this.#probes.flatMap(({ target, run }) => {
      if (target.kind !== 'interval') return [];
      const fire = () => {
        if (!this.#isDetached) run(this.#idleSite(target.name));
      };
      return [{ periodNs: target.periodNs, fire }];
    });
  }

  begin({ isQuiet }: { readonly isQuiet: boolean }): void {
    const { write, format } = this.#host;
    if (!isQuiet) write(format.attached(this.#probes.length));
    this.#runSpecial('BEGIN');
  }

  hit(event: TracepointHit): void {
    if (this.#isDetached) return;
    const probes = this.#byEvent.get(event.name);
    if (probes === undefined) return;
    const { cpu, task, fields } = event;
    const timeNs = Math.round(event.timeNs);
    const comm = () => commOf(event);
    for (const { target, run } of probes) {
      run({ probe: target.name, timeNs, cpu, pid: task.pid, comm, fields });
    }
  }

  /** Everything has happened: runs END and prints all maps. */
  end({ lost }: { readonly lost: number }): void {
    const { write, format } = this.#host;
    this.#isDetached = true;
    if (lost > 0) write(format.lost(lost));
    this.#runSpecial('END');
    write('\n\n');
    for (const map of this.#maps.values()) write(format.map(map, ALL));
  }

  #runSpecial(kind: 'BEGIN' | 'END'): void {
    for (const { target, run } of this.#probes) {
      if (target.kind === kind) run(this.#ownSite(kind));
    }
  }

  #compile(probe: CheckedProbe, target: Target, surface: Surface): (site: Site) => void {
    const event = target.kind === 'tracepoint' ? target.info : undefined;
    const { parameters } = this.#host;
    const slots = new Map<string, number>();
    const unit = { maps: this.#maps, parameters, surface, slots, event };
    const execute: Execute = compileProbe(unit, probe);
    return (site) => {
      const frame: Frame = { site, isLeft: false, variables: [] };
      execute(frame);
    };
  }

  #surface(): Surface {
    const { format, write, clockOriginMs, stop } = this.#host;
    return {
      clockOriginMs,
      startNs: this.#startNs,
      message: (kind, text) => write(format.message(kind, text)),
      printValue: (type, value) => write(format.value(type, value)),
      printMap: (map, limits) => write(format.map(map, limits)),
      exit: () => {
        this.#isDetached = true;
        stop();
      },
    };
  }

  /** Where BEGIN and END run: in the tracer itself. */
  #ownSite(probe: string): Site {
    return this.#site(probe, process.pid, 'xdpemu');
  }

  /** Where intervals fire: the timer borrows the idle task of the first CPU. */
  #idleSite(probe: string): Site {
    return this.#site(probe, 0, idleComm(0));
  }

  #site(probe: string, pid: number, comm: string): Site {
    const timeNs = Math.round(this.#host.nowNs());
    return { probe, timeNs, cpu: 0, pid, comm: () => comm, fields: {} };
  }
}

function commOf({ cpu, task }: TracepointHit): string {
  const comm = task.mapId === 0 ? idleComm(cpu) : kthreadComm(cpu, task.mapId);
  return comm.slice(0, COMM_BYTES - 1);
}
