import { type PlacedMap, readBtfMaps } from './btfMaps.js';
import { type ExternTable, kconfigMap } from './externs.js';
import { readGlobalData } from './globalData.js';
import { isLegacyMapsSection, readLegacyMaps } from './legacyMaps.js';
import type { ObjectSource } from './objectSource.js';
import type { MapSpec, VariableSpec } from './objectSpec.js';
import { SpecError } from './specError.js';

/** All maps of an object, found by the place that a relocation names. */
export interface MapTable {
  readonly maps: readonly MapSpec[];
  /** The map whose definition starts at that byte of a section of definitions. */
  definedAt(sectionIndex: number, offset: number): MapSpec | undefined;
  /** The map of a global data section. */
  dataOf(sectionIndex: number): MapSpec | undefined;
  /** The map of Kconfig values with the variable of that name. */
  kconfig(name: string): { readonly map: MapSpec; readonly variable: VariableSpec } | undefined;
}

/** @throws SpecError when two maps have one name, by which programs refer to them */
export function collectMaps(source: ObjectSource, externs: ExternTable): MapTable {
  const defined = new Map<number, Map<number, MapSpec>>();
  for (const section of source.file.sections) {
    let placed: PlacedMap[] = [];
    if (section.name === '.maps') placed = readBtfMaps(source, section);
    else if (isLegacyMapsSection(section)) placed = readLegacyMaps(source, section);
    if (placed.length > 0) {
      defined.set(section.index, new Map(placed.map(({ offset, map }) => [offset, map])));
    }
  }
  const data = readGlobalData(source);
  const kconfig = source.btf && kconfigMap(source.btf, externs);
  const kconfigVariables = new Map(kconfig?.data?.variables.map((found) => [found.name, found]));
  const maps = [...defined.values(), data].flatMap((placed) => [...placed.values()]);
  if (kconfig !== undefined) maps.push(kconfig);
  refuseSameName(maps, source.file.name);
  return {
    maps,
    definedAt: (sectionIndex, offset) => defined.get(sectionIndex)?.get(offset),
    dataOf: (sectionIndex) => data.get(sectionIndex),
    kconfig: (name) => {
      const variable = kconfigVariables.get(name);
      return kconfig && variable && { map: kconfig, variable };
    },
  };
}

function refuseSameName(maps: readonly MapSpec[], fileName: string): void {
  const names = new Set<string>();
  for (const { name } of maps) {
    if (names.has(name)) throw new SpecError(`${fileName}: two maps are called '${name}'`);
    names.add(name);
  }
}
