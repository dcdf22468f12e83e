import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { dataPlaneModule } from '../arena/dataplane.js';
import { BpfProg, Context, ContextWake, Mail } from '../arena/layout.generated.js';
import { allocateHostMemory, type ProgramDescription, type ProgramFault } from '../program/host.js';
import { ProgramLoadError } from '../program/loadError.js';
import type { MapDescription } from '../program/mapRef.js';
import { buryContext } from './death.js';
import type { ContextHandle } from './kernel.js';
import type { System } from './system.js';
import { type RunningWorker, roleName, type WorkerKind, workerPool } from './workerPool.js';
import type { WorkerMessage, WorkerRequest } from './workerTask.js';

/** A worker that ended before its machine did. */
export class WorkerDiedError extends Error {
  override readonly name = 'WorkerDiedError';
  readonly role: string;
  readonly cpu: number;
  /** Frames that it held, which are lost. */
  readonly framesHeld: number;

  constructor(context: ContextHandle, framesHeld: number, reason: string, cause: unknown) {
    const role = roleName(context.kind as WorkerKind);
    const where = context.cpu < 0 ? '' : ` of CPU ${context.cpu}`;
    super(`the ${role} worker${where} died: ${reason}; it held ${framesHeld} frames`, { cause });
    this.role = role;
    this.cpu = context.cpu;
    this.framesHeld = framesHeld;
  }
}

export interface CrewOptions {
  readonly clockOriginMs: number;
  /** A program that has not returned after this long is taken to loop: its worker is ended. */
  readonly programTimeoutMs: number;
  /** Programs that have not loaded after this long are taken never to: their worker is ended. */
  readonly loadTimeoutMs: number;
  readonly threadsMax: number;
  readonly onFault: (fault: ProgramFault) => void;
  readonly onDeath: (error: WorkerDiedError) => void;
}

interface Member {
  readonly context: ContextHandle;
  readonly port: MessagePort;
  readonly worker: RunningWorker;
  readonly ended: Promise<void>;
  readonly ready: Promise<void>;
  /** Takes a message of the worker. */
  readonly hear: (message: WorkerMessage) => void;
  readonly answers: ((error: Error | undefined) => void)[];
  /** It has loaded its programs. */
  isReady: boolean;
  /** When it began to; infinite until then. */
  loadingSinceMs: number;
  alive: boolean;
  /** It is being ended since it did not load its programs in time. */
  isLate: boolean;
  /** Why it is being ended by force. */
  reason?: string;
  /** What the watchdog last saw. */
  seenSeq: number;
  seenRuns: number;
  seenSinceMs: number;
}

const WATCH_INTERVAL_MS = 100;

/** The workers of one machine: one for each context but control's. */
export class Crew {
  readonly #system: System;
  readonly #options: CrewOptions;
  readonly #members: Member[] = [];
  readonly #programs: ProgramDescription[] = [];
  readonly #maps: MapDescription[] = [];
  #watchdog: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(system: System, options: CrewOptions) {
    this.#system = system;
    this.#options = options;
  }

  /** Contexts whose workers run. */
  get alive(): readonly ContextHandle[] {
    return this.#members.filter(({ alive }) => alive).map(({ context }) => context);
  }

  /** Starts the workers of `contexts`; resolves once all have loaded their programs. */
  async start(contexts: readonly ContextHandle[]): Promise<void> {
    workerPool.reserve(contexts.length, this.#options.threadsMax);
    this.#watchdog ??= setInterval(() => this.#watch(), WATCH_INTERVAL_MS).unref();
    const started: Member[] = [];
    try {
      for (const context of contexts) started.push(this.#startOne(context));
    } catch (error) {
      // Those that run give theirs back when they end.
      workerPool.release(contexts.length - started.length);
      for (const { ready } of started) ready.catch(() => {});
      throw error;
    }
    await Promise.all(started.map(({ ready }) => ready));
  }

  #startOne(context: ContextHandle): Member {
    const { port1: port, port2 } = new MessageChannel();
    const answers: Member['answers'] = [];
    const task = {
      memory: this.#system.arena.memory,
      module: dataPlaneModule(this.#system.kernel.build),
      context: context.address,
      hostMemory: allocateHostMemory(this.#system.arena),
      programs: this.#programs,
      maps: this.#maps,
      clockOriginMs: this.#options.clockOriginMs,
      port: port2,
    };
    const worker = workerPool.run(context.kind as WorkerKind, task);
    // The first answer of all: that it is ready.
    const ready = new Promise<void>((resolve, reject) => {
      answers.push((error) => (error ? reject(error) : resolve()));
    });
    const hear = (message: WorkerMessage) => {
      if (message.kind === 'fault') return this.#options.onFault(message.fault);
      if (message.kind === 'loading') {
        member.loadingSinceMs = performance.now();
        return;
      }
      if (message.kind === 'ready') member.isReady = true;
      answers.shift()?.(message.kind === 'done' ? message.error : undefined);
    };
    port.on('message', hear);
    const member: Member = {
      context,
      port,
      worker,
      ready,
      hear,
      answers,
      isReady: false,
      loadingSinceMs: Number.POSITIVE_INFINITY,
      alive: true,
      isLate: false,
      seenSeq: 0,
      seenRuns: 0,
      seenSinceMs: 0,
      ended: worker.ended.then(
        () => this.#leave(member),
        (error) => this.#die(member, error),
      ),
    };
    this.#members.push(member);
    return member;
  }

  #leave(member: Member): void {
    member.alive = false;
    // What the worker said last may not have been heard yet: its end is told on another port.
    let last = receiveMessageOnPort(member.port);
    for (; last !== undefined; last = receiveMessageOnPort(member.port)) member.hear(last.message);
    member.port.close();
    workerPool.release(1);
  }

  #die(member: Member, cause: unknown): void {
    this.#leave(member);
    const held = buryContext(this.#system, member.context);
    const reason = member.reason ?? (cause instanceof Error ? cause.message : String(cause));
    const error = new WorkerDiedError(member.context, held, reason, cause);
    // Before a worker is ready it loads programs; what it threw has lost its class on the way here.
    const isDeath = member.isReady || (member.reason !== undefined && !member.isLate);
    const told = isDeath ? error : new ProgramLoadError(reason, { cause });
    for (const answer of member.answers.splice(0)) answer(told);
    if (!this.#stopping) this.#options.onDeath(error);
  }

  /** Every worker, also those that start later, gets the map. */
  addMap(map: MapDescription): Promise<void> {
    this.#maps.push(map);
    return this.#ask({ kind: 'map', map });
  }

  /** Every worker, also those that start later, loads the program. Rejects with what the first of them found wrong. */
  addProgram(program: ProgramDescription): Promise<void> {
    this.#programs.push(program);
    return this.#ask({ kind: 'program', program });
  }

  async #ask(request: WorkerRequest): Promise<void> {
    const asked = this.#members.filter(({ alive }) => alive);
    await Promise.all(
      asked.map(
        (member) =>
          new Promise<void>((resolve, reject) => {
            member.answers.push((error) => (error ? reject(error) : resolve()));
            member.port.postMessage(request);
            this.#mail(member, Mail.MESSAGE);
          }),
      ),
    );
  }

  #mail({ context }: Member, bits: number): void {
    const { arena, dp } = this.#system;
    const wake = context.address + Context.wake;
    for (;;) {
      const mail = arena.loadShared(wake, ContextWake.mail);
      if (arena.compareExchangeShared(wake, ContextWake.mail, mail, mail | bits) === mail) break;
    }
    dp.wakeUp(context.address);
  }

  /** Ends every program that does not return, and every worker that does not get ready. */
  #watch(): void {
    const { arena } = this.#system;
    const { loadTimeoutMs } = this.#options;
    const nowMs = performance.now();
    for (const member of this.#members) {
      if (!member.isReady && nowMs - member.loadingSinceMs > loadTimeoutMs) {
        const reason = `it did not load its programs within ${loadTimeoutMs / 1000} s`;
        member.isLate = true;
        this.kill(member.context, reason);
      }
      const { address } = member.context;
      const seq = arena.loadShared(address, Context.seq);
      const program = arena.get(address, Context.program);
      const runs = arena.get(address, Context.runs);
      const isSameRun = seq === member.seenSeq && runs === member.seenRuns;
      if (!member.alive || program === 0 || !isSameRun) {
        member.seenSeq = seq;
        member.seenRuns = runs;
        member.seenSinceMs = nowMs;
      } else if (nowMs - member.seenSinceMs > this.#options.programTimeoutMs) {
        const name =
          this.#system.programAt(program)?.name ?? `id ${arena.get(program, BpfProg.id)}`;
        this.kill(
          member.context,
          `program ${name} did not return within ${this.#options.programTimeoutMs} ms`,
        );
      }
    }
  }

  /** Ends the worker of `context` by force. */
  kill(context: ContextHandle, reason: string): void {
    const member = this.#members.find((candidate) => candidate.context === context);
    if (member === undefined || !member.alive) return;
    member.reason ??= reason;
    member.worker.kill();
  }

  /** Asks every worker to end, and waits for it; one that does not is ended by force. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watchdog);
    for (const member of this.#members) {
      if (member.alive && member.isReady) this.#mail(member, Mail.STOP);
      // One that still loads has nothing to finish, and may never read its mail.
      else this.kill(member.context, 'the machine was closed');
    }
    const timer = setTimeout(() => {
      for (const { context } of this.#members) this.kill(context, 'it did not end when asked to');
    }, this.#options.programTimeoutMs);
    await Promise.all(this.#members.map(({ ended }) => ended));
    clearTimeout(timer);
  }
}
