import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

/** The tests run from `dist/test/kernel/recorder`. */
const SOURCE = resolve(import.meta.dirname, '../../../../test/kernel/recorder/recorder.c');
const COMPILERS = ['clang', 'gcc', 'cc'];

/** The recorder's executable, in a folder of its own. Throws where there is no compiler. */
export class RecorderProgram {
  readonly path: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'xdpemu-recorder-'));

  constructor() {
    this.path = join(this.#folder, 'recorder');
    const compiler = COMPILERS.find((each) => this.#compiles(each));
    if (compiler !== undefined) return;
    this[Symbol.dispose]();
    throw new Error(`none of ${COMPILERS.join(', ')} compiles ${SOURCE}`);
  }

  #compiles(compiler: string): boolean {
    try {
      execFileSync(compiler, ['-O1', '-o', this.path, SOURCE], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A buffer whose address the kernel is given at `offset` of the attribute. */
export interface AttributeBuffer {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface BpfResult {
  /** What the system call returned, a descriptor or a number; -1 where it failed. */
  readonly result: number;
  readonly errno: number;
  /** The attribute and the buffers as the kernel left them. */
  readonly attribute: Buffer;
  readonly buffers: readonly Buffer[];
}

/** A process in a network namespace of its own that makes system calls on request (`recorder.c`). */
export class Recorder {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;

  constructor({ path }: RecorderProgram) {
    this.#process = spawn(path, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#lines = createInterface({ input: this.#process.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  async #ask(...words: readonly (string | number)[]): Promise<string[]> {
    this.#process.stdin.write(`${words.join(' ')}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`the recorder has ended: ${this.#process.stderr.read() ?? ''}`);
    return value.split(' ');
  }

  async bpf(
    cmd: number,
    attribute: Uint8Array,
    buffers: readonly AttributeBuffer[] = [],
  ): Promise<BpfResult> {
    const words = buffers.map(({ offset, bytes }) => `${offset}:${hexOf(bytes)}`);
    const [result, errno, ...after] = await this.#ask('bpf', cmd, hexOf(attribute), ...words);
    const [changed, ...contents] = after.map(bytesOf);
    return { result: Number(result), errno: Number(errno), attribute: changed!, buffers: contents };
  }

  /** A descriptor. */
  async socket(domain: number, type: number): Promise<number> {
    return this.#descriptor(`a socket of domain ${domain}`, 'socket', domain, type);
  }

  async boundXsk(ifindex: number, queue: number): Promise<number> {
    return this.#descriptor(`an AF_XDP socket on ifindex ${ifindex}`, 'xsk', ifindex, queue);
  }

  async #descriptor(what: string, ...words: readonly (string | number)[]): Promise<number> {
    const [result, errno] = await this.#ask(...words);
    if (Number(result) < 0) throw new Error(`${what}: cannot be opened: errno ${errno}`);
    return Number(result);
  }

  async close(fd: number): Promise<void> {
    await this.#ask('close', fd);
  }

  /** What the command prints. */
  async run(command: string): Promise<string> {
    const [status, output] = await this.#ask('run', command);
    if (Number(status) !== 0) throw new Error(`${command}: wait status ${status}`);
    return bytesOf(output!).toString();
  }

  /** A second namespace, for devices that move away. */
  async awayNamespace(): Promise<string> {
    const [path] = await this.#ask('away');
    return path!;
  }

  /** The process ends, and its namespaces with it. */
  async end(): Promise<void> {
    const ended = new Promise((done) => this.#process.once('exit', done));
    this.#process.stdin.end();
    await ended;
    this.#lines.close();
  }
}

/** Gives `use` a recorder that ends with it. */
export async function withRecorder<T>(
  program: RecorderProgram,
  use: (recorder: Recorder) => Promise<T>,
): Promise<T> {
  const recorder = new Recorder(program);
  try {
    return await use(recorder);
  } finally {
    await recorder.end();
  }
}

function hexOf(bytes: Uint8Array): string {
  return bytes.length === 0 ? '-' : Buffer.from(bytes).toString('hex');
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex === '-' ? '' : hex, 'hex');
}
