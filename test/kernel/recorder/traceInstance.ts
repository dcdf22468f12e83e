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
/** Our own devices have indices from here on: what others on this machine do with XDP is not recorded. */
export const FIRST_IFINDEX = 0x2a000000;
const DEVICE_EVENTS = {
  xdp_redirect: 'ifindex',
  xdp_redirect_err: 'ifindex',
  xdp_exception: 'ifindex',
  xdp_devmap_xmit: 'to_ifindex',
} as const;
const CPUMAP_EVENTS = ['xdp_cpumap_enqueue', 'xdp_cpumap_kthread'];
const READ_BYTES = 1 << 16;

/** A line of the trace. */
export interface TraceLine {
  readonly pid: number;
  readonly event: string;
  readonly text: string;
}

/** A trace buffer of our own with the events of `xdp` and what programs print, in order (tracefs instances). */
export class TraceInstance {
  readonly #path: string;
  readonly #pipe: number;
  #rest = '';
  readonly #remove = (): void => {
    closeSync(this.#pipe);
    rmdirSync(this.#path);
  };

  /** Of what programs print, lines that begin with x and `nonce`. Throws where there is no tracefs. */
  constructor(name: string, nonce: string) {
    const tracefs = TRACEFS.find((path) => exists(join(path, 'instances')));
    if (tracefs === undefined)
      throw new Error(`tracefs is mounted at none of ${TRACEFS.join(', ')}`);
    this.#path = join(tracefs, 'instances', name);
    mkdirSync(this.#path);
    writeFileSync(join(this.#path, 'buffer_size_kb'), '2048');
    for (const [event, field] of Object.entries(DEVICE_EVENTS)) {
      this.#enable(`xdp/${event}`, `${field} >= ${FIRST_IFINDEX}`);
    }
    this.#enable('bpf_trace/bpf_trace_printk', `bpf_string ~ "x${nonce}*"`);
    this.#pipe = openSync(
      join(this.#path, 'trace_pipe'),
      constants.O_RDONLY | constants.O_NONBLOCK,
    );
    process.once('exit', this.#remove);
  }

  #enable(event: string, filter: string): void {
    writeFileSync(join(this.#path, 'events', event, 'filter'), filter);
    writeFileSync(join(this.#path, 'events', event, 'enable'), '1');
  }

  /** Records what happens to the entries of these cpumaps, by the kernel's ids, and to no others. */
  watchCpumaps(ids: readonly number[]): void {
    const filter = ids.map((id) => `map_id == ${id}`).join(' || ');
    for (const event of CPUMAP_EVENTS) this.#enable(`xdp/${event}`, filter || 'map_id < 0');
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
    process.off('exit', this.#remove);
    this.#remove();
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
const LINE = /^\s*.+-(\d+)\s+\[\d+\]\s+\S+\s+[\d.]+: (\w+): (.*)$/;

function parseLine(line: string): TraceLine[] {
  if (/LOST \d+ EVENTS/.test(line)) throw new Error(`the trace is not complete: ${line.trim()}`);
  const [, pid, event, text] = LINE.exec(line) ?? [];
  if (pid === undefined) return [];
  return [{ pid: Number(pid), event: event!, text: text! }];
}
