import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { OUTCOMES_FOLDER } from './outcomeFrames.js';

const PAIRS = [
  ['tx0', 'eth0'],
  ['port0', 'far0'],
  ['dead0', 'dead1'],
] as const;
/** Where the frames are received; outcomes.bpf.c sends some of them to CPU 1. */
const RECEIVE_CPU = '0';
/** For what watches it to see all that there is to see. */
const INTERVALS_MAX = 10;

function command(name: string, ...args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(name, args, { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** A network namespace with the devices of outcomes.json, into which frames of every outcome are sent. */
export class KernelWorld {
  readonly #name = `monitor-${process.pid}`;
  readonly #folder: string;
  #sender: ChildProcess | undefined;

  /** Tools are built in `folder`. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Sets it up; says what is missing where it cannot be had. */
  async start(): Promise<string | undefined> {
    const problem = this.#build() ?? this.#createDevices();
    if (problem !== undefined) return problem;
    const program = join(this.#folder, 'kernelWorld');
    const args = [join(OUTCOMES_FOLDER, 'outcomes.o'), 'tx0', 'eth0', 'port0', 'far0', 'dead0'];
    this.#sender = this.#spawn('taskset', ['-c', RECEIVE_CPU, program, ...args]);
    let complaint = '';
    this.#sender.stderr!.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    this.#sender.on('close', (code) => {
      if (code !== 0) complaint ||= `kernelWorld ended with ${code}`;
    });
    return (await this.#interval(() => complaint !== '')) ? complaint : undefined;
  }

  #build(): string | undefined {
    const source = (name: string) => join(OUTCOMES_FOLDER, name);
    const to = (name: string) => join(this.#folder, name);
    return (
      command('clang', '-O1', '-o', to('kernelWorld'), source('kernelWorld.c'), '-lbpf') ??
      command(
        'clang',
        ...['-O1', '-shared', '-fPIC', '-o', to('retarget.so'), source('retarget.c'), '-lbpf'],
      )
    );
  }

  #createDevices(): string | undefined {
    const inside = (...args: readonly string[]) => command('ip', '-n', this.#name, ...args);
    return (
      command('ip', 'netns', 'add', this.#name) ??
      PAIRS.reduce<string | undefined>(
        (problem, [name, peer]) =>
          problem ??
          inside('link', 'add', name, 'type', 'veth', 'peer', 'name', peer) ??
          inside('link', 'set', name, 'up') ??
          inside('link', 'set', peer, 'up'),
        undefined,
      )
    );
  }

  /** Runs xdp-monitor until an interval satisfies `isEnough`, and returns all that it wrote. */
  async watch(
    options: readonly string[],
    isEnough: (interval: string) => boolean,
  ): Promise<string> {
    const env = ['env', `LD_PRELOAD=${join(this.#folder, 'retarget.so')}`];
    const tool = this.#spawn(env[0]!, [env[1]!, 'xdp-monitor', '-i', '1', ...options]);
    let output = '';
    for (const stream of [tool.stdout!, tool.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const ended = once(tool, 'close');
    const isSeen = () => tool.exitCode !== null || intervalsOf(output).some(isEnough);
    for (let n = 0; n < INTERVALS_MAX && !(await this.#interval(isSeen)); n++);
    tool.kill('SIGINT');
    await ended;
    return output;
  }

  async stop(): Promise<void> {
    if (this.#sender !== undefined && this.#sender.exitCode === null) {
      const ended = once(this.#sender, 'close');
      this.#sender.stdin!.end();
      await ended;
    }
    command('ip', 'netns', 'del', this.#name);
  }

  #spawn(name: string, args: readonly string[]): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.#name, name, ...args]);
  }

  /** Waits a second, or until `isOver`; returns whether it is. */
  async #interval(isOver: () => boolean): Promise<boolean> {
    for (let n = 0; n < 20 && !isOver(); n++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return isOver();
  }
}

/** What xdp-monitor wrote, by interval; the last may not be complete. */
export function intervalsOf(output: string): string[] {
  return output.split(/^(?=Summary)/m).filter((text) => text.startsWith('Summary'));
}
