import { Worker } from 'node:worker_threads';
import { dataPlaneModule } from '../../src/arena/dataplane.js';
import { System } from '../../src/machine/system.js';
import type { KernelMap, MapAttributes } from '../../src/maps/kernelMap.js';

/** What a worker does to the map, `test/support/mapWorker.ts` says how. */
export type MapTask =
  | 'queuePush'
  | 'queuePop'
  | 'ringbufWrite'
  | 'lruChurn'
  | 'lpmLookup'
  | 'lpmChurn';

export interface MapWorkerData {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  readonly task: MapTask;
  /** Which of the workers it is. */
  readonly index: number;
  /** Its context, a fault record, and memory that programs may use. */
  readonly context: number;
  readonly fault: number;
  readonly scratch: number;
  readonly map: number;
  readonly count: number;
}

const SCRATCH_BYTES = 4096;
const FAULT_BYTES = 16;

/** A machine whose contexts are run by workers that only use a map. */
export class MapWorkers {
  readonly system: System;
  readonly map: KernelMap;
  readonly fd: number;
  #started = 0;

  constructor(nrCpus: number, attributes: MapAttributes) {
    this.system = new System({ kernel: 618, nrCpus, nowNs: () => 0 });
    this.fd = this.system.bpf.mapCreate(attributes);
    const file = this.system.files.get(this.fd);
    if (file?.kind !== 'map') throw new RangeError(`BPF_MAP_CREATE: ${this.fd}`);
    this.map = file.map;
  }

  /** Runs `task` `count` times on a worker of its own; what the worker reports at the end. */
  run(task: MapTask, count: number): Promise<unknown> {
    const { arena } = this.system;
    const index = this.#started++;
    const workerData: MapWorkerData = {
      memory: arena.memory,
      module: dataPlaneModule('production'),
      task,
      index,
      context: this.system.receiveContext(index).address,
      fault: arena.allocate(FAULT_BYTES),
      scratch: arena.allocateForPrograms(SCRATCH_BYTES),
      map: this.map.address,
      count,
    };
    const worker = new Worker(new URL('./mapWorker.js', import.meta.url), { workerData });
    return new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`worker ${index} ended with ${code}`)));
    });
  }
}
