import type { Machine } from '../../machine/machine.js';
import { RingSampler } from '../ringSampler.js';
import { objectNamesOf } from '../series/objectNames.js';
import { qsizesOf } from '../series/ringLevels.js';
import { Timeline } from './timeline.js';
import { TraceFile } from './traceFile.js';

/** Writes the timeline of a machine to a file, from `start` until `finish`. */
export class TimelineRecorder {
  readonly #file: TraceFile;
  #timeline: Timeline | undefined;
  #sampler: RingSampler | undefined;
  /** Why a look at the rings could not be written: thrown from a timer it would end the process. */
  #failure: unknown;

  /** Throws the error of `openSync`. */
  constructor(path: string) {
    this.#file = TraceFile.create(path);
  }

  start({ machine }: { readonly machine: Machine }): void {
    const write = this.#file.write.bind(this.#file);
    const names = objectNamesOf(machine);
    const timeline = new Timeline(write, names, qsizesOf(machine.scenario));
    machine.record(timeline.listener);
    this.#sampler = new RingSampler(machine, (timeNs, rings) => {
      try {
        timeline.sample(timeNs, rings);
      } catch (error) {
        this.#failure = error;
        this.#sampler?.stop();
      }
    });
    this.#timeline = timeline;
  }

  /** The file is complete. Throws the error of a write that failed. */
  finish(): void {
    this.#sampler?.stop();
    if (this.#failure !== undefined) throw this.#failure;
    this.#timeline?.close();
    this.#file.close();
  }
}
