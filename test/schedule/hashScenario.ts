import { MapType } from '../../src/arena/layout.generated.js';
import type { System } from '../../src/machine/system.js';
import { u32ToBytes } from '../../src/maps/kernelMap.js';
import type { ExplorationProgram, ExploredScenario } from '../../src/schedule/exploration.js';
import { FlowOp } from './programs.js';
import {
  buildTrafficMachine,
  createMap,
  NR_CPUS,
  type TestMap,
  type TrafficMachine,
  trafficPrograms,
} from './trafficMachine.js';

const MAX_ENTRIES = 2;
const VALUE_BYTES = 16;
const KEYS = [1, 2, 3];

export const hashPrograms: readonly ExplorationProgram[] = [
  { ...trafficPrograms[0]!, name: 'flows', exportName: 'flows' },
  trafficPrograms[1]!,
];

/** Two programs and control update, delete and look up three keys of a hash map that holds two. */
export const hashScenario: ExploredScenario<TrafficMachine & { readonly flows: TestMap }> = {
  kernel: 618,
  nrCpus: NR_CPUS,
  build(system, programs) {
    const machine = buildTrafficMachine(system, programs);
    const flows = createMap(system, MapType.HASH, MAX_ENTRIES, VALUE_BYTES);
    return { ...machine, flows, maps: [...machine.maps, { name: 'flows', ...flows }] };
  },
  control(system, { flows, inject }, turns) {
    for (let round = 0; round < 3; round++) {
      for (const key of KEYS) {
        inject(0, [FlowOp.UPDATE, key, round]);
        inject(1, [FlowOp.DELETE, key]);
        inject(0, [FlowOp.LOOKUP, key]);
        inject(1, [FlowOp.UPDATE, key, 10 + round]);
      }
      const key = u32ToBytes(KEYS[round]!);
      system.bpf.mapUpdateElem(flows.fd, key, new Uint8Array(VALUE_BYTES).fill(20), 0n);
      system.bpf.mapLookupElem(flows.fd, key, 0n);
      system.bpf.mapDeleteElem(flows.fd, key);
    }
    turns.settle();
    checkElements(system, flows);
  },
};

/** No element was lost or doubled: once emptied, the map takes just as many keys as it should. */
function checkElements({ bpf }: System, { fd }: TestMap): void {
  for (const key of KEYS) bpf.mapDeleteElem(fd, u32ToBytes(key));
  const value = new Uint8Array(VALUE_BYTES);
  const results = KEYS.map((key) => bpf.mapUpdateElem(fd, u32ToBytes(key), value, 0n));
  const kept = results.filter((result) => result === 0).length;
  if (kept !== MAX_ENTRIES) {
    throw new RangeError(`a hash map of ${MAX_ENTRIES} entries takes ${kept} keys`);
  }
}
