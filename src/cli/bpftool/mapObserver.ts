import { jsonArray, jsonText } from '../../bpftool/json.js';
import { dumpMap, lookupText, type OutputForm } from '../../bpftool/mapDump.js';
import { mapJson, mapText } from '../../bpftool/mapShow.js';
import { type ShownMap, shownMaps } from '../../bpftool/maps.js';
import type { Machine } from '../../machine/machine.js';
import { ERRNO, errnoName } from '../../maps/errno.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { ObservedRun, RunObserver } from '../run/observer.js';
import { UsageError } from '../usageError.js';
import { onlyOne, type Selector, select } from './selector.js';

export interface MapRequest {
  readonly action: 'show' | 'dump' | 'lookup';
  readonly selector: Selector | undefined;
  /** Of `lookup`. */
  readonly key: Uint8Array | undefined;
  readonly form: OutputForm;
}

/** Prints maps of a machine after its run as bpftool would. */
export class MapObserver implements RunObserver {
  readonly #request: MapRequest;
  #maps: readonly ShownMap[] = [];

  constructor(request: MapRequest) {
    this.#request = request;
  }

  /** What is not there is said before the run. */
  start({ machine, scenario }: ObservedRun): void {
    const { action, selector, key } = this.#request;
    const maps = shownMaps(machine);
    const machineNames = namesById(machine, scenario);
    this.#maps =
      selector === undefined
        ? maps
        : select('map', maps, selector, ({ map }) => ({
            id: map.id,
            names: [map.attributes.name ?? [], machineNames.get(map.id) ?? []].flat(),
          }));
    if (action === 'show') return;
    const { map } = onlyOne('map', this.#maps, selector, (shown) => shown.map.id);
    const { keySize } = map.attributes;
    if (key !== undefined && key.length !== keySize) {
      throw new UsageError(`key: expected ${keySize} bytes, found ${key.length}`);
    }
  }

  finish({ io }: ObservedRun): void {
    const { action, selector, key, form } = this.#request;
    if (key !== undefined) {
      io.stdout.write(lookupText(this.#maps[0]!, key, form));
      return;
    }
    if (action === 'dump') {
      const [shown] = this.#maps as [ShownMap];
      for (const piece of dumpMap(shown, form)) io.stdout.write(piece);
      const problem = unreadable(shown);
      if (problem !== undefined) io.stderr.write(`xdpemu: ${problem}\n`);
      return;
    }
    if (form === 'plain') {
      for (const shown of this.#maps) io.stdout.write(mapText(shown));
      return;
    }
    const isPretty = form === 'pretty';
    const values = this.#maps.map(mapJson);
    const isOne = selector !== undefined && values.length === 1;
    const text = isOne ? jsonText(values[0]!, isPretty) : [...jsonArray(values, isPretty)].join('');
    io.stdout.write(`${text}\n`);
  }
}

/** Names that the machine has its maps under: they may be longer than the kernel's. */
function namesById(machine: Machine, scenario: Scenario): ReadonlyMap<number, string> {
  const names = [...machine.objects.mapFds.keys(), ...Object.keys(scenario.maps)];
  return new Map(names.map((name) => [machine.map(name).id, name]));
}

/** bpftool ends with the errno where a map has no keys to go through. */
function unreadable({ map }: ShownMap): string | undefined {
  const first = map.nextKey(null);
  if (typeof first !== 'number' || first === -ERRNO.ENOENT) return undefined;
  const what = `map ${map.attributes.name ?? map.id}`;
  return `${what}: its keys cannot be gone through: ${errnoName(first)}, as from the kernel`;
}
