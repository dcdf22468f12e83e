import type { EventFields } from '../redirectTrace.js';
import type { CpuBulkQueue } from './cpuBulkQueue.js';
import type { DevBulkQueue } from './devBulkQueue.js';
import type { NetDevice } from './device.js';
import type { Feeder } from './inbox.js';
import type { Machine } from './machine.js';
import type { CpuMapEntry } from './maps.js';
import { noRedirect, type RedirectInfo } from './redirectInfo.js';
import type { XdpSock } from './socket.js';

export interface Frame {
  readonly seq: number;
  readonly length: number;
  readonly frags: boolean;
}

/**
 * `struct bpf_net_context` and the per-CPU bulk queues, of whatever runs XDP programs: the receiving CPU's poll, or a
 * cpumap kthread. Two contexts on one CPU never have frames queued at the same time, so each has its own queues here.
 */
export interface Context extends Feeder {
  readonly machine: Machine;
  readonly ingressDevice: string;
  readonly rxQueue: number;
  redirect: RedirectInfo;
  readonly devQueues: Map<NetDevice, DevBulkQueue>;
  readonly cpuQueues: Map<CpuMapEntry, CpuBulkQueue>;
  /** The flush lists, newest first. */
  readonly devFlushList: DevBulkQueue[];
  readonly cpuFlushList: CpuBulkQueue[];
  readonly xskFlushList: XdpSock[];
  /** A tracepoint fired, or an entry's program ran; `seq` is the frame where it was about one. */
  readonly trace: (event: EventFields, seq?: number) => void;
}

export function newContext(
  own: Pick<Context, 'machine' | 'ingressDevice' | 'rxQueue' | 'trace' | 'isOrdered'>,
): Context {
  return {
    ...own,
    redirect: noRedirect(),
    devQueues: new Map(),
    cpuQueues: new Map(),
    devFlushList: [],
    cpuFlushList: [],
    xskFlushList: [],
  };
}
