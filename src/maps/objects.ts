import type { Arena } from '../arena/arena.js';
import type { DataPlane } from '../arena/dataplane.js';
import type { MapTable } from './mapTable.js';

/** `expected_attach_type` of XDP programs (`enum bpf_attach_type`). */
export const ATTACH_TYPE = { XDP_DEVMAP: 33, XDP_CPUMAP: 35, XDP: 37 } as const;

/** A loaded program, as maps see it. */
export interface Program {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly expectedAttachType: number;
  /** Loaded with BPF_F_XDP_HAS_FRAGS. */
  readonly hasFrags: boolean;
  /** Loaded for one device (BPF_F_XDP_DEV_BOUND_ONLY, since 6.3). */
  readonly isDevBound?: boolean;
  /** Its `BpfProg`. */
  readonly address: number;
}

/** A socket, as maps see it. */
export interface Socket {
  readonly isXsk: boolean;
  readonly name: string;
  /** Its `XdpSock`, for AF_XDP sockets. */
  readonly address: number;
}

/** What maps need of the machine. */
export interface MapHost {
  readonly arena: Arena;
  readonly dp: DataPlane;
  readonly mapTable: MapTable;
  /** The control context: maps are changed in its name. */
  readonly control: { readonly address: number };
  /** Possible CPUs, numbered from 0. */
  readonly nrCpus: number;
  /** CONFIG_NR_CPUS: how many the kernel was compiled for. */
  readonly configNrCpus: number;
  /** Address of the `Device`, 0 where there is none. */
  deviceByIfindex(ifindex: number): number;
  /** The program with the `BpfProg` at this address. */
  programAt(address: number): Program | undefined;
  /** Starts the kthread of a new cpumap entry (not yet published). */
  startKthread(entry: number, cpu: number): void;
  /** A published cpumap entry was taken out: after a grace period its kthread drains and ends, then it is freed. */
  retireKthread(entry: number): void;
  /** `call_rcu`: no program that started before still runs when `done` does. */
  afterGracePeriod(done: () => void): void;
  /** Frees memory after a grace period. */
  freeAfterGracePeriod(address: number): void;
}
