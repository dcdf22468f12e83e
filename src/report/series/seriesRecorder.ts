import type { Machine } from '../../machine/machine.js';
import { RingSampler } from '../ringSampler.js';
import { SeriesCollector } from './collector.js';
import type { SeriesDocument } from './document.js';
import { objectNamesOf } from './objectNames.js';
import { qsizesOf } from './ringLevels.js';

/** Follows a machine from now on, until `finish`. */
export class SeriesRecorder {
  readonly #collector: SeriesCollector;
  readonly #sampler: RingSampler;

  constructor(machine: Machine) {
    const { scenario } = machine;
    const names = objectNamesOf(machine);
    this.#collector = new SeriesCollector(names, scenario.cpus, qsizesOf(scenario));
    machine.record(this.#collector.listener);
    this.#sampler = new RingSampler(machine, (timeNs, rings) => {
      this.#collector.sample(timeNs, rings);
    });
  }

  finish(): SeriesDocument {
    this.#sampler.stop();
    return this.#collector.document();
  }
}
