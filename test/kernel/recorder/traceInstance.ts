import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const TRACEFS = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];
const EVENTS = ['events/xdp/enable', 'events/bpf_trace/bpf_trace_printk/enable'];
const READ_BYTES = 1 << 16;

/** A line of the trace. */
export interface TraceLine {
  readonly comm: string;
  readonly pid: number;
  readonly event: string;
  readonly text: string;
}

/** A trace buffer of our own with the events of `xdp` and what programs print, in order (tracefs instances). */
export class TraceInstance {
  readonly #path: string;
  readonly #pipe: number;
  #rest = '';

  /** Throws where there is no tracefs. */
  constructor(name: string) {
    const tracefs = TRACEFS.find((path) => exists(join(path, 'instances')));
    if (tracefs === undefined)
      throw new Error(`tracefs is mounted at none of ${TRACEFS.join(', ')}`);
    this.#path = join(tracefs, 'instances', name);
    mkdirSync(this.#path);
    writeFileSync(join(this.#path, 'buffer_size_kb'), '2048');
    for (const file of EVENTS) writeFileSync(join(this.#path, file), '1');
    this.#pipe = openSync(
      join(this.#path, 'trace_pipe'),
      constants.O_RDONLY | constants.O_NONBLOCK,
    );
  }

  /** What has been traced since the last call. Throws where some of it was lost. */
  read(): TraceLine[] {
    const buffer = Buffer.alloc(READ_BYTES);
    for (;;) {
      const bytes = readSome(this.#pipe, buffer);
      if (bytes === 0) break;
      this.#rest += buffer.toString('latin1', 0, bytes);
    }
    const lines = this.#rest.split('\n');
    this.#rest = lines.pop()!;
    return lines.flatMap(parseLine);
  }

  [Symbol.dispose](): void {
    closeSync(this.#pipe);
    rmdirSync(this.#path);
  }
}

/** 0 where there is nothing at the moment. */
function readSome(file: number, buffer: Buffer): number {
  try {
    return readSync(file, buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}

function exists(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_RDONLY));
    return true;
  } catch {
    return false;
  }
}

/** `  cpumap/1/map:3-123  [001] b.s31  100.5: xdp_redirect: prog_id=1 ...` */
const LINE = /^\s*(.+)-(\d+)\s+\[\d+\]\s+\S+\s+[\d.]+: (\w+): (.*)$/;

function parseLine(line: string): TraceLine[] {
  if (/LOST \d+ EVENTS/.test(line)) throw new Error(`the trace is not complete: ${line.trim()}`);
  const [, comm, pid, event, text] = LINE.exec(line) ?? [];
  if (comm === undefined) return [];
  return [{ comm, pid: Number(pid), event: event!, text: text! }];
}
