import { Counter, Gauge, Registry } from 'prom-client';
import type { Machine } from '../machine/machine.js';
import { type Family, families, type Sample, type Snapshot } from './families.js';
import { ringDepths } from './ringDepths.js';

/** The counters of a machine in the Prometheus text format, read when they are asked for: they cost a run nothing. */
export class MachineMetrics {
  readonly #machine: Machine;
  readonly #registry = new Registry();
  readonly #setters: readonly ((snapshot: Snapshot) => void)[];

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#setters = families.map((family) => setterOf(family, this.#registry));
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of one moment, as near as the counters of running threads can be. */
  async text(): Promise<string> {
    const snapshot = snapshotOf(this.#machine);
    for (const set of this.#setters) set(snapshot);
    return await this.#registry.metrics();
  }
}

function setterOf(
  { name, help, type, labels, samples }: Family,
  registry: Registry,
): (snapshot: Snapshot) => void {
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  const metric = type === 'counter' ? new Counter(options) : new Gauge(options);
  const set = ([names, value]: Sample) =>
    metric instanceof Counter ? metric.inc(names, value) : metric.set(names, value);
  return (snapshot) => {
    // The machine has the values. A series that is gone, as that of a cpumap entry, has to go here too.
    metric.reset();
    for (const sample of samples(snapshot)) set(sample);
  };
}

function snapshotOf(machine: Machine): Snapshot {
  return {
    counters: machine.counters(),
    rings: ringDepths(machine.system),
    lostRecords: machine.lostRecords,
    lostPrints: machine.lostPrints,
    mapName: machine.names.map,
  };
}
