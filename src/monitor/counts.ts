/**
 * What xdp-monitor's BPF programs add up for a CPU (`struct datarec` of xdp-tools). `issue` is, for an enqueue, its bulks;
 * for a kthread, how often it called schedule(); for a transmission, how often the driver failed.
 */
export interface DataRecord {
  processed: number;
  dropped: number;
  issue: number;
  /** Bulks of a transmission. */
  info: number;
  xdpPass: number;
  xdpDrop: number;
  xdpRedirect: number;
}

/** What is counted, each by a key of its own: errno name, CPU to, action or `ifindex->ifindex`; '' where there is none. */
export type Kind =
  | 'receive'
  | 'redirect'
  | 'redirectErr'
  | 'enqueue'
  | 'kthread'
  | 'exception'
  | 'xmit';

export type PerCpu = ReadonlyMap<number, DataRecord>;
export type Counts = Readonly<Record<Kind, ReadonlyMap<string, PerCpu>>>;
type Growing = Record<Kind, Map<string, Map<number, DataRecord>>>;

function emptyRecord(): DataRecord {
  return {
    processed: 0,
    dropped: 0,
    issue: 0,
    info: 0,
    xdpPass: 0,
    xdpDrop: 0,
    xdpRedirect: 0,
  };
}

/** The sum of all CPUs. */
export function totalOf(perCpu: PerCpu | undefined): DataRecord {
  const total = emptyRecord();
  for (const record of perCpu?.values() ?? []) addTo(total, record);
  return total;
}

/** The sums of several keys, by CPU. */
export function merged(keys: Iterable<PerCpu>): PerCpu {
  const sums = new Map<number, DataRecord>();
  for (const perCpu of keys) {
    for (const [cpu, record] of perCpu) addTo(at(sums, cpu, emptyRecord), record);
  }
  return sums;
}

/** Adds up what happens between two looks at it. */
export class Tally {
  #counts = noCounts();

  /** The record to add to. */
  of(kind: Kind, key: string, cpu: number): DataRecord {
    const perCpu = at(this.#counts[kind], key, () => new Map<number, DataRecord>());
    return at(perCpu, cpu, emptyRecord);
  }

  /** What was counted since the last call. */
  take(): Counts {
    const counts = this.#counts;
    this.#counts = noCounts();
    return counts;
  }
}

function noCounts(): Growing {
  return {
    receive: new Map(),
    redirect: new Map(),
    redirectErr: new Map(),
    enqueue: new Map(),
    kthread: new Map(),
    exception: new Map(),
    xmit: new Map(),
  };
}

function addTo(sum: DataRecord, record: DataRecord): void {
  for (const name of Object.keys(sum) as (keyof DataRecord)[]) sum[name] += record[name];
}

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
