import {
  BpfCpuMapEntry,
  BpfCpuMapEntryOwn,
  Context,
  KthreadState,
} from '../arena/layout.generated.js';
import type { ContextHandle, Kernel } from './kernel.js';

/** Totals of `xdp_cpumap_kthread` for the entries that one map has had for one CPU. */
interface KthreadTotals {
  readonly mapId: number;
  readonly cpu: number;
  processed: number;
  drops: number;
  xdpPass: number;
  xdpDrop: number;
  xdpRedirect: number;
}

/** The kthreads of cpumap entries, from their start until what they leave is freed. Entries are addresses. */
export class Kthreads {
  readonly #kernel: Kernel;
  readonly #entries = new Set<number>();
  /** Entries whose kthread was told to stop. */
  readonly #stopping = new Set<number>();
  readonly #endedTotals = new Map<string, KthreadTotals>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The entries that have a kthread. */
  [Symbol.iterator](): Iterator<number> {
    return this.#entries.values();
  }

  /** `context` runs the kthread of an entry that is not published yet. */
  start(entry: number, context: ContextHandle): void {
    const { arena, dp, control } = this.#kernel;
    arena.set(entry, BpfCpuMapEntry.kthread, context.address);
    this.#entries.add(entry);
    dp.contextAddKthread(context.address, entry, control.id + 1);
  }

  /** An entry is not published any more: after a grace period its kthread drains the ring and ends. */
  retire(entry: number): void {
    const { arena, dp, rcu } = this.#kernel;
    rcu.defer(() => {
      arena.storeShared(entry, BpfCpuMapEntry.state, KthreadState.STOPPING);
      dp.wakeUp(this.#contextOf(entry));
      this.#stopping.add(entry);
    });
  }

  /** Frees the entries whose kthread has ended, or died; returns how many are still to end. */
  reap(): number {
    const { arena, dp, control } = this.#kernel;
    for (const entry of this.#stopping) {
      if (arena.loadShared(entry, BpfCpuMapEntry.state) === KthreadState.STOPPED) {
        this.#free(entry);
      } else if (arena.loadShared(this.#contextOf(entry), Context.dead) !== 0) {
        dp.kthreadAbandon(control.address, entry);
        this.#free(entry);
      }
    }
    return this.#stopping.size;
  }

  #contextOf(entry: number): number {
    return this.#kernel.arena.get(entry, BpfCpuMapEntry.kthread);
  }

  #free(entry: number): void {
    const { arena } = this.#kernel;
    this.#stopping.delete(entry);
    this.#entries.delete(entry);
    addTotals(this.#endedTotals, this.#totalsOf(entry));
    const stamps = arena.get(entry, BpfCpuMapEntry.stamps);
    if (stamps !== 0) arena.free(stamps);
    arena.free(entry);
  }

  #totalsOf(entry: number): KthreadTotals {
    const { arena } = this.#kernel;
    const own = entry + BpfCpuMapEntry.own;
    return {
      mapId: arena.get(entry, BpfCpuMapEntry.mapId),
      cpu: arena.get(entry, BpfCpuMapEntry.cpu),
      processed: arena.get(own, BpfCpuMapEntryOwn.processed),
      drops: arena.get(own, BpfCpuMapEntryOwn.drops),
      xdpPass: arena.get(own, BpfCpuMapEntryOwn.xdpPass),
      xdpDrop: arena.get(own, BpfCpuMapEntryOwn.xdpDrop),
      xdpRedirect: arena.get(own, BpfCpuMapEntryOwn.xdpRedirect),
    };
  }

  /** For each map and CPU that has had a kthread. */
  totals(): KthreadTotals[] {
    const totals = new Map([...this.#endedTotals].map(([key, total]) => [key, { ...total }]));
    for (const entry of this.#entries) addTotals(totals, this.#totalsOf(entry));
    return [...totals.values()];
  }

  /** Stalls or releases every kthread of `cpu`. */
  stall(cpu: number, stalled: boolean): void {
    const { arena, dp } = this.#kernel;
    for (const entry of this.#entries) {
      if (arena.get(entry, BpfCpuMapEntry.cpu) !== cpu) continue;
      arena.storeShared(entry, BpfCpuMapEntry.stalled, stalled ? 1 : 0);
      if (!stalled) dp.wakeUp(this.#contextOf(entry));
    }
  }
}

function addTotals(into: Map<string, KthreadTotals>, total: KthreadTotals): void {
  const key = `${total.mapId}:${total.cpu}`;
  const sum = into.get(key);
  if (sum === undefined) {
    into.set(key, total);
    return;
  }
  sum.processed += total.processed;
  sum.drops += total.drops;
  sum.xdpPass += total.xdpPass;
  sum.xdpDrop += total.xdpDrop;
  sum.xdpRedirect += total.xdpRedirect;
}
