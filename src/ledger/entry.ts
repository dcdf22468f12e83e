/**
 * The ledger: a file of JSON objects, one a line. The first is its head, then comes an entry for each frame, written when
 * the frame meets its fate. Times are nanoseconds.
 */

export const LEDGER_VERSION = 1;

export interface LedgerHead {
  readonly ledger: typeof LEDGER_VERSION;
  /** Milliseconds since 1970 at which the machine's clock was 0. */
  readonly clockOriginMs: number;
}

/** A frame's whole way. */
export interface LedgerEntry {
  /** Frames are numbered from 1 as they come in. */
  readonly frame: number;
  /** Which of the copies that broadcasts made of it; absent for the frame itself. */
  readonly copy?: number;
  /** `10.0.0.1:1234>10.0.0.2:80/udp`, as it came in; absent where it is not IP. */
  readonly flow?: string;
  /** As it came in. */
  readonly length: number;
  /** When it came in, by the machine's clock. */
  readonly at: number;
  readonly steps: readonly LedgerStep[];
  /** Null: none was recorded. */
  readonly fate: string | null;
  /** What the fate is about: a device, `cpu:3`, or a socket. */
  readonly sink?: string;
  /** When and on which CPU it ended. */
  readonly t?: number;
  readonly cpu?: number;
}

/** What every step says. */
interface Where {
  /** Since the frame came in. */
  readonly t: number;
  /** Absent outside of emulated CPUs. */
  readonly cpu?: number;
  /** The kthread that did it; absent in a softirq. */
  readonly by?: string;
}

export interface ReceiveStep extends Where {
  readonly do: 'receive' | 'send';
  readonly device: string;
  readonly queue: number;
}

export interface ProgramStep extends Where {
  readonly do: 'program';
  readonly program: string;
  readonly hook: 'xdp' | 'cpumap' | 'devmap';
  /** The device or, for `cpumap`, the CPU that it is attached to. */
  readonly on: string;
  /** How long it ran. */
  readonly took: number;
  /** XDP_PASS, ..., or the number that it returned. */
  readonly action: string;
  /** Of XDP_REDIRECT. */
  readonly to?: Target;
  /** A helper found no target. */
  readonly refused?: { readonly errno: string; readonly map?: string; readonly key: number };
}

/** `map` and `key`, `map` alone for a broadcast, a device by `ifindex`, or nothing: no helper had set a target. */
export interface Target {
  readonly map?: string;
  readonly key?: number;
  readonly ifindex?: number;
  readonly device?: string;
}

/** xdp_do_redirect failed. */
export interface RedirectErrorStep extends Where {
  readonly do: 'redirect_err';
  readonly err: number;
  readonly errno: string;
}

/** The frame met a ring (`depth` of `size` slots were taken), or was refused before. */
export interface EnqueueStep extends Where {
  readonly do: 'enqueue';
  readonly ring: 'cpumap' | 'device_bulk' | 'device' | 'socket';
  readonly sink: string;
  readonly taken: boolean;
  readonly map?: string;
  readonly key?: number;
  readonly queue?: number;
  readonly err?: number;
  readonly errno?: string;
  readonly depth?: number;
  readonly size?: number;
  readonly bulk?: number;
  readonly dropped?: number;
  /** Buffers on a socket's FILL ring. */
  readonly filled?: number;
  /** The longest frame that would be taken, and how long the one that was not is. */
  readonly longest?: number;
  readonly length?: number;
}

/** A broadcast made copy `copy`: in the entry of the frame, and as the first step of the copy's own. */
export interface CopyStep extends Where {
  readonly do: 'copy';
  readonly copy: number;
}

/** Stands for `steps` steps, the first of them at `t`: a frame may go round for as long as the run does. */
export interface LeftOutStep extends Where {
  readonly do: 'left_out';
  readonly steps: number;
}

export type LedgerStep =
  | ReceiveStep
  | ProgramStep
  | RedirectErrorStep
  | EnqueueStep
  | CopyStep
  | LeftOutStep;
