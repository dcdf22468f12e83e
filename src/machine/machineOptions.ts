import type { XdpProgram } from '../program/define.js';
import type { ProgramFault } from '../program/host.js';
import { show } from '../scenario/error.js';
import type { Counters } from './counters.js';
import type { PrintkEvent } from './recordEvents.js';

/** Where contexts run. */
export type MachineMode = 'in-process' | 'threads';

export interface MachineOptions {
  /** `in-process` (the default) steps everything on the calling thread; `threads` has a worker for each context. */
  readonly mode?: MachineMode;
  /** Programs as values instead of modules, by the names that the scenario uses. Workers can only load modules. */
  readonly programs?: Readonly<Record<string, XdpProgram>>;
  /** Folder that paths in the scenario are relative to; the working directory by default. */
  readonly folder?: string;
  /**
   * False: nothing is recorded and frames cannot be injected, for the highest rate. `stages`: there is room for the bytes of
   * frames before and after each program.
   */
  readonly observe?: boolean | 'stages';
  /** Threads that may be used at most. */
  readonly threadsMax?: number;
  /** A program that does not return for this long is taken to loop and its worker is ended; 2000 by default. */
  readonly programTimeoutMs?: number;
  /** Program modules that have not finished loading after this long fail; 10,000 by default. With workers only. */
  readonly loadTimeoutMs?: number;
  /** Gives up making the machine; `Machine.create` rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Exact bounds for eBPF programs (`checked` in the scenario). */
  readonly checked?: boolean;
  /** BTF file of the kernel that eBPF programs are adapted to (CO-RE); to each object's own types by default. */
  readonly btf?: string;
  /**
   * Told of what eBPF programs print by `bpf_trace_printk`, with `observe: false` too: contexts then wait for the reader,
   * if the machine has a program that prints.
   */
  readonly onPrintk?: (event: PrintkEvent) => void;
  /** Told of exceptions and faults in programs; the frame was aborted. By default the first of each program goes to stderr. */
  readonly onFault?: (fault: ProgramFault) => void;
}

export interface RunOptions {
  /** Frames to receive, over all of the scenario's traffic; as the scenario says by default. */
  readonly frames?: number;
  /** Stops the traffic after this long. */
  readonly durationMs?: number;
  /**
   * Frames that still move when no more come in are waited for, but not longer than this without one that meets its
   * fate: a frame may go round for ever. 5000 by default.
   */
  readonly drainTimeoutMs?: number;
  /** Stops the traffic early. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (counters: {
    readonly received: number;
    readonly ended: number;
    readonly elapsedNs: number;
  }) => void;
}

/** What a run did. */
export interface RunResult extends Counters {
  /** From the first frame let in to the last one's fate. */
  readonly elapsedNs: number;
  readonly seed: number;
  /** False: frames still went round some seconds after the traffic had stopped; `close` ends them as `undelivered`. */
  readonly isDrained: boolean;
}

export interface InjectOptions {
  /** The receive queue; by default the one that RSS chooses. */
  readonly queue?: number;
  /** How long to wait for the fates with workers; what has none by then is `queued`. */
  readonly timeoutMs?: number;
}

/** @throws TypeError, RangeError */
export function checkRunOptions(options: RunOptions): void {
  for (const name of ['frames', 'durationMs', 'drainTimeoutMs'] as const) {
    const value: unknown = options[name];
    if (value === undefined) continue;
    const expected = name === 'frames' ? 'a whole number from 0' : 'a number from 0';
    if (typeof value !== 'number') {
      throw new TypeError(`run: ${name}: expected ${expected}, found ${show(value)}`);
    }
    const isRight = name === 'frames' ? Number.isSafeInteger(value) : !Number.isNaN(value);
    if (!isRight || value < 0) {
      throw new RangeError(`run: ${name}: expected ${expected}, found ${value}`);
    }
  }
}
