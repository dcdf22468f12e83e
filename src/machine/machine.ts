import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Recording } from '../arena/layout.generated.js';
import type { XdpProgram } from '../program/define.js';
import { ObjectFiles } from '../program/ebpf/objectFile.js';
import type { ProgramSource } from '../program/host.js';
import type { ModuleScenario } from '../scenario/module.js';
import { withObjects } from '../scenario/objects.js';
import { parseScenario } from '../scenario/parse.js';
import type { Scenario } from '../scenario/scenario.js';
import { type Assembly, addTraceRing, assemble, setRecording, startRecording } from './assemble.js';
import { verifyConservation } from './conservation.js';
import { balance, type Counters, readCounters } from './counters.js';
import type { WorkerDiedError } from './crew.js';
import { reapRings } from './death.js';
import { DeviceHandle } from './deviceHandle.js';
import { brokenInvariant } from './failure.js';
import { firstFaultToStderr } from './firstFault.js';
import { type InjectedFrame, Injections } from './injections.js';
import { Injector, type PreparedFrame } from './injector.js';
import type { ContextHandle } from './kernel.js';
import type { LoadedProgram } from './loadedProgram.js';
import {
  checkRunOptions,
  type InjectOptions,
  type MachineMode,
  type MachineOptions,
  type RunOptions,
  type RunResult,
} from './machineOptions.js';
import type { MapHandle } from './mapHandle.js';
import type { MachineObjects } from './objects.js';
import { withPrograms } from './programValues.js';
import { Recorder, type RecordListener, recordingFor } from './recorder.js';
import { type RecordNames, recordNames } from './recordNames.js';
import { ScenarioTraffic } from './scenarioTraffic.js';
import { InProcessScheduler, type Scheduler, ThreadScheduler } from './scheduler.js';
import type { XskSocket } from './sockets.js';
import type { System } from './system.js';
import { stampedFlowsOf } from './traffic.js';
import { unlessAborted } from './unlessAborted.js';
import { LOAD_TIMEOUT_MS, THREADS_MAX, workerPool } from './workerPool.js';
import { workersNeeded } from './workersNeeded.js';
import { machineClock } from './workerTask.js';

const PROGRAM_TIMEOUT_MS = 2000;
const INJECT_TIMEOUT_MS = 5000;
const DRAIN_MS = 5000;
const PROGRESS_INTERVAL_MS = 200;
/** In process, how long to step before the event loop gets a turn. */
const STEP_SLICE_MS = 10;

/** A scenario that runs: create it, inject frames or let its traffic in, see where they went, close it. */
export class Machine {
  readonly scenario: Scenario;
  readonly mode: MachineMode;
  /** Names of what the events of `record` have numbers of. */
  readonly names: RecordNames;
  readonly #assembly: Assembly;
  readonly #scheduler: Scheduler;
  readonly #recorder: Recorder;
  readonly #injections: Injections;
  readonly #injector: Injector;
  readonly #folder: string;
  readonly #nowNs: () => number;
  /** Milliseconds since 1970 at which the machine's clock, which records tell the time of, was 0. */
  readonly clockOriginMs: number;
  readonly #observes: boolean;
  readonly #hasStages: boolean;
  /** Contexts have trace rings: it observes, or programs print. */
  readonly #traces: boolean;
  #recordingBits: number = Recording.LOSSLESS;
  /** The last stamp of any flow so far. */
  #lastStamp = 0;
  #deaths: WorkerDiedError[] = [];
  #closing: Promise<Counters> | undefined;

  private constructor(scenario: Scenario, files: ObjectFiles, options: MachineOptions) {
    const { mode = 'in-process', observe = true, folder = process.cwd() } = options;
    // Before there is memory for them.
    if (mode === 'threads') workerPool.check(workersNeeded(scenario), options.threadsMax);
    this.scenario = scenario;
    this.mode = mode;
    this.#folder = folder;
    const clockOriginMs = performance.timeOrigin + performance.now();
    this.clockOriginMs = clockOriginMs;
    this.#nowNs = machineClock(clockOriginMs);
    const stampedFlows = scenario.traffic.reduce((sum, spec) => sum + stampedFlowsOf(spec), 0);
    let noteContext = (_: ContextHandle): void => {};
    this.#assembly = assemble(scenario, files, {
      nowNs: this.#nowNs,
      stampedFlows,
      onContext: (context) => noteContext(context),
    });
    const { onPrintk } = options;
    const prints = onPrintk !== undefined && this.#assembly.objects.usePrintk;
    this.#observes = observe !== false;
    this.#hasStages = observe === 'stages';
    this.#traces = this.#observes || prints;
    if (stampedFlows > 0) this.#recordingBits |= Recording.STAMPS;
    if (prints && !this.#observes) this.#recordingBits |= Recording.PRINTS;
    if (this.#traces)
      startRecording(this.#system, scenario, this.#recordingBits, this.#hasStages, prints);
    else this.#system.kernel.setRecording(this.#recordingBits);
    this.#recorder = new Recorder(this.#system);
    this.names = recordNames(this.#assembly, scenario);
    const { dp } = this.#system;
    this.#injections = new Injections(this.names, () => dp.nextTag() >>> 0);
    this.#recorder.add(this.#injections.listener);
    if (onPrintk !== undefined) this.#recorder.add({ onPrintk });
    this.#injector = new Injector(this.#system, scenario);
    const onFault = options.onFault ?? firstFaultToStderr();
    this.#scheduler =
      mode === 'in-process'
        ? new InProcessScheduler(this.#system, onFault)
        : new ThreadScheduler(this.#system, {
            clockOriginMs,
            programTimeoutMs: options.programTimeoutMs ?? PROGRAM_TIMEOUT_MS,
            loadTimeoutMs: options.loadTimeoutMs ?? LOAD_TIMEOUT_MS,
            threadsMax: options.threadsMax ?? THREADS_MAX,
            onFault,
            onDeath: (error) => this.#deaths.push(error),
          });
    noteContext = (context) => this.#noteContext(context);
  }

  /**
   * A machine that is ready for frames.
   *
   * A program whose module ends in `.o` is an eBPF object, built with clang for the kernel: its maps join the machine's.
   *
   * @throws ScenarioError, BpfError (the kernel would refuse a map), ProgramLoadError, RangeError (too few threads), the
   *   signal's reason.
   */
  static async create(
    scenario: ModuleScenario | Scenario,
    options: MachineOptions = {},
  ): Promise<Machine> {
    const { programs = {}, folder = process.cwd(), checked, btf, signal } = options;
    const files = new ObjectFiles(folder, btf);
    const document = withObjects(withPrograms(scenario, programs), (module) => files.read(module));
    const parsed = parseScenario(document);
    const machine = new Machine({ ...parsed, checked: checked ?? parsed.checked }, files, options);
    try {
      await unlessAborted(machine.#load(programs), signal);
    } catch (error) {
      await machine.close();
      throw error;
    }
    return machine;
  }

  /** An update gave a CPU its first cpumap entry while the machine runs: it needs a worker. */
  #noteContext(context: ContextHandle): void {
    if (this.#traces) addTraceRing(this.#system, this.scenario, context, this.#hasStages);
    this.#scheduler.noteContext();
  }

  get #system(): System {
    return this.#assembly.system;
  }

  async #load(values: Readonly<Record<string, XdpProgram>>): Promise<void> {
    for (const [name, { address }] of this.#assembly.maps)
      await this.#scheduler.addMap({ name, address });
    for (const [name, { program }] of this.#assembly.programs) {
      const { tableIndex } = program;
      const source = await this.#sourceOf(name, values[name]);
      await this.#scheduler.addProgram({ name, tableIndex, source });
    }
    await this.#scheduler.start();
  }

  async #sourceOf(name: string, value: XdpProgram | undefined): Promise<ProgramSource> {
    if (value !== undefined) {
      if (this.mode === 'threads') {
        throw new TypeError(
          `program ${name}: expected a module, since workers cannot be given a function`,
        );
      }
      return { kind: 'function', program: value };
    }
    const compiled = this.#assembly.objects.compile(name);
    if (compiled !== undefined) return { kind: 'ebpf', program: compiled };
    const { module, export: exportName } = this.scenario.programs[name]!;
    const url = module.startsWith('file:')
      ? module
      : pathToFileURL(resolve(this.#folder, module)).href;
    return { kind: 'module', url, exportName };
  }

  // -- objects

  /** A map by name. */
  map(name: string): MapHandle {
    const map = this.#assembly.maps.get(name);
    if (map === undefined) throw new RangeError(`the machine has no map ${name}`);
    return map;
  }

  /** A device by name. */
  device(name: string): DeviceHandle {
    const device = this.#system.devices.byName(name);
    if (device === undefined) throw new RangeError(`the machine has no device ${name}`);
    return new DeviceHandle(this.#system, device, this.#assembly.attachment);
  }

  /** A socket by name. */
  socket(name: string): XskSocket {
    const socket = this.#system.sockets.byName(name);
    if (socket === undefined) throw new RangeError(`the machine has no socket ${name}`);
    return socket;
  }

  /** `close` of an AF_XDP socket: its entries in maps vanish, and its descriptor is no good any more (EBADF). */
  closeSocket(name: string): void {
    const socket = this.socket(name);
    this.#assembly.socketFiles.close(name);
    this.#system.closeSocket(socket);
  }

  /**
   * Opens a socket that was closed and binds it as the scenario says, as an application that starts again does: it has a
   * new descriptor, and is in no map yet. Its UMEM and rings are as they were left.
   */
  openSocket(name: string): XskSocket {
    const socket = this.socket(name);
    const spec = this.scenario.sockets.find((candidate) => candidate.name === name)!;
    const device = this.#system.devices.byName(spec.device);
    if (device === undefined) {
      throw new RangeError(
        `socket ${name}: expected device ${spec.device}, found that it is removed`,
      );
    }
    this.#assembly.socketFiles.open(socket);
    socket.bind(device);
    return socket;
  }

  /** Whether the application has the socket open. */
  isSocketOpen(name: string): boolean {
    return this.#assembly.socketFiles.isOpen(this.socket(name).name);
  }

  /** The kernel's objects behind the scenario, for tools that need more than this class gives. */
  get system(): System {
    return this.#system;
  }

  /** Its eBPF objects. */
  get objects(): MachineObjects {
    return this.#assembly.objects;
  }

  /** Its programs by the scenario's names. */
  get programs(): ReadonlyMap<string, LoadedProgram> {
    return this.#assembly.programs;
  }

  /** Ends the worker of a context by force, as a crash would: for tests of what the others make of it. */
  killWorker(context: ContextHandle, reason = 'it was killed'): void {
    if (!(this.#scheduler instanceof ThreadScheduler))
      throw new TypeError('a machine in process has no workers');
    this.#scheduler.crew.kill(context, reason);
  }

  /** Workers that ended before the machine. */
  get deaths(): readonly WorkerDiedError[] {
    return this.#deaths;
  }

  /**
   * Tells `listener` of what happens from now on: tracepoints where it has `onTracepoint` (only `tracepoints`, if it has that),
   * every fate where it has `onFate`, frames that reach a sink where it has `onSink`, each step of each frame where it has
   * `onReceive`, `onProgram` or `onEnqueue`. Nothing is lost: contexts wait for the reader. To be called while no frame
   * is under way.
   */
  record(listener: RecordListener): void {
    if (!this.#observes) throw new TypeError('this machine was created with observe: false');
    if (listener.stages && !this.#hasStages)
      throw new TypeError("stages: expected a machine with observe: 'stages'");
    this.#recorder.add(listener);
    this.#recordingBits |= recordingFor(listener);
    setRecording(this.#system, this.scenario, this.#recordingBits);
  }

  // -- frames

  /**
   * Injects frames at a device and waits for the fate of each.
   *
   * @throws TypeError, RangeError before any frame goes in; WorkerDiedError where the worker of a queue is dead.
   */
  async inject(
    device: string,
    frames: readonly Uint8Array[],
    { queue, timeoutMs = INJECT_TIMEOUT_MS }: InjectOptions = {},
  ): Promise<InjectedFrame[]> {
    this.#checkOpen();
    if (!this.#observes) throw new TypeError('this machine was created with observe: false');
    // All of them, before any goes in.
    const prepared = this.#injector.prepare(device, frames, queue);
    await this.#scheduler.start();
    const deathsBefore = this.#deaths.length;
    const deadlineMs = performance.now() + timeoutMs;
    const tags: number[] = [];
    for (const frame of prepared) {
      const tag = this.#injections.track();
      tags.push(tag);
      this.#throwIfDead(prepared);
      while (!this.#injector.tryInject(frame, tag)) {
        await this.#advance();
        this.#throwIfDead(prepared);
        if (performance.now() > deadlineMs)
          throw new Error(`${device}: its receive queue stays full`);
      }
    }
    while (!this.#injections.isDone(tags)) {
      const isBusy = await this.#advance();
      if (
        !isBusy &&
        this.mode === 'in-process' &&
        !this.#injections.isDone(tags) &&
        this.#recorder.drain() === 0
      )
        break;
      // What waits for a worker that died meanwhile waits for good.
      if (!isBusy && this.#deaths.length > deathsBefore) this.#throwIfDead(prepared);
      if (performance.now() > deadlineMs) break;
    }
    return tags.map((tag) => this.#injections.take(tag));
  }

  /** @throws WorkerDiedError where nobody would take the frames off their queues. */
  #throwIfDead(frames: readonly PreparedFrame[]): void {
    const cpu = this.#injector.deadCpuOf(frames);
    if (cpu === undefined) return;
    throw this.#deaths.find((death) => death.role === 'receive' && death.cpu === cpu);
  }

  /** Lets things happen for a moment and reads the records; true while there is something to do. */
  async #advance(): Promise<boolean> {
    const startMs = performance.now();
    let isBusy = false;
    do {
      isBusy = await this.#scheduler.advance();
      // Whoever waits for frames of a machine that is closed meanwhile would wait for ever.
      this.#checkOpen();
      if (this.#recorder.drain() > 0) isBusy = true;
    } while (isBusy && this.mode === 'in-process' && performance.now() - startMs < STEP_SLICE_MS);
    this.#throwIfBroken();
    return isBusy;
  }

  #throwIfBroken(): void {
    const broken = brokenInvariant(this.#system);
    if (broken !== undefined) throw broken;
  }

  /** Waits until nothing moves any more: frames then are at their ends, or on rings that nobody empties. */
  async idle(): Promise<void> {
    await this.#idle(Number.POSITIVE_INFINITY);
  }

  /** False: things still move, but no frame has met its fate for `timeoutMs`. */
  async #idle(timeoutMs: number): Promise<boolean> {
    let quiet = 0;
    let last = { ended: 0, ms: performance.now() };
    while (quiet < 2) {
      const { ended } = balance(this.#system);
      if (ended !== last.ended) last = { ended, ms: performance.now() };
      if (performance.now() - last.ms > timeoutMs) return false;
      quiet = (await this.#advance()) ? 0 : quiet + 1;
      if (this.mode === 'in-process') await yieldToEvents();
    }
    return true;
  }

  /**
   * Lets the scenario's traffic in and waits until every frame is at its end.
   *
   * @throws CaptureError, InvariantError, WorkerDiedError once the other workers have finished (`counters` then says
   *   what they did).
   */
  async run(options: RunOptions = {}): Promise<RunResult> {
    this.#checkOpen();
    checkRunOptions(options);
    const deathsBefore = this.#deaths.length;
    await this.#scheduler.start();
    const traffic = new ScenarioTraffic(this.#system, this.scenario, {
      folder: this.#folder,
      frames: options.frames,
      lastStamp: this.#lastStamp,
      rss: (device) => this.#injector.rss(device),
    });
    const startNs = this.#nowNs();
    try {
      await this.#letIn(traffic, options, startNs);
      const isDrained = await this.#idle(options.drainTimeoutMs ?? DRAIN_MS);
      const elapsedNs = Math.round(this.#nowNs() - startNs);
      const death = this.#deaths[deathsBefore];
      if (death !== undefined) throw death;
      return { ...this.counters(), elapsedNs, seed: this.scenario.seed, isDrained };
    } finally {
      this.#lastStamp = Math.max(this.#lastStamp, traffic.lastStamp);
      traffic.free();
    }
  }

  /** Lets traffic in until it is over or stopped, whatever happens meanwhile. */
  async #letIn(traffic: ScenarioTraffic, options: RunOptions, startNs: number): Promise<void> {
    const { durationMs = Number.POSITIVE_INFINITY, signal, onProgress } = options;
    let nextProgressMs = performance.now() + PROGRESS_INTERVAL_MS;
    const endMs = performance.now() + durationMs;
    // Who has stopped the run before it began wants no frame of it.
    if (signal?.aborted === true) return;
    traffic.start();
    try {
      while (!signal?.aborted && performance.now() < endMs) {
        await this.#advance();
        if (traffic.isOver) return;
        if (performance.now() >= nextProgressMs) {
          nextProgressMs += PROGRESS_INTERVAL_MS;
          onProgress?.({ ...balance(this.#system), elapsedNs: this.#nowNs() - startNs });
        }
        if (this.mode === 'in-process') await yieldToEvents();
      }
    } finally {
      traffic.stop();
    }
  }

  /** All counters at this moment. */
  counters(): Counters {
    return readCounters(this.#system);
  }

  /** Records that were lost since nobody read them: none, unless a context had to write more than planned. */
  get lostRecords(): number {
    return this.#recorder.lost;
  }

  /** Lines of `bpf_trace_printk` that were lost, since programs printed faster than they were read. */
  get lostPrints(): number {
    return this.#recorder.lostTexts;
  }

  /**
   * Checks what must hold in an idle machine: every frame that was received has met exactly one fate, or is on a ring;
   * no frame is lost to its pool. Throws `InvariantError`.
   */
  verify(): void {
    verifyConservation(this.#system);
  }

  /** Stops the workers. Frames still on rings end as `undelivered`. Returns the last counters. */
  async close(): Promise<Counters> {
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  async #stop(): Promise<Counters> {
    await this.#scheduler.stop();
    reapRings(this.#system);
    this.#recorder.drain(true);
    return this.counters();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new Error('the machine is closed');
  }

  /** `await using machine = await Machine.create(...)`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function yieldToEvents(): Promise<void> {
  return new Promise((resolveNow) => setImmediate(resolveNow));
}
