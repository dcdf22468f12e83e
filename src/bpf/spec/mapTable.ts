import { type PlacedMap, readBtfMaps } from './btfMaps.js';
import { type ExternTable, kconfigMap } from './externs.js';
import { readGlobalData } from './globalData.js';
import { isLegacyMapsSection, readLegacyMaps } from './legacyMaps.js';
import type { ObjectSource } from './objectSource.js';
import type { MapSpec } from './objectSpec.js';

/** All maps of an object, found by the place that a relocation names. */
export interface MapTable {
  readonly maps: readonly MapSpec[];
  /** The map whose definition starts at that byte of a section of definitions. */
  definedAt(sectionIndex: number, offset: number): MapSpec | undefined;
  /** The map of a global data section. */
  dataOf(sectionIndex: number): MapSpec | undefined;
  readonly kconfig: MapSpec | undefined;
}

export function collectMaps(source: ObjectSource, externs: ExternTable): MapTable {
  const defined = new Map<number, Map<number, MapSpec>>();
  for (const section of source.file.sections) {
    let placed: PlacedMap[] = [];
    if (section.name === '.maps') placed = readBtfMaps(source, section);
    else if (isLegacyMapsSection(section)) placed = readLegacyMaps(source, section);
    if (placed.length > 0)
      defined.set(section.index, new Map(placed.map(({ offset, map }) => [offset, map])));
  }
  const data = readGlobalData(source);
  const kconfig = source.btf && kconfigMap(source.btf, externs);
  const maps = [
    ...[...defined.values()].flatMap((byOffset) => [...byOffset.values()]),
    ...data.values(),
  ];
  return {
    maps: kconfig === undefined ? maps : [...maps, kconfig],
    definedAt: (sectionIndex, offset) => defined.get(sectionIndex)?.get(offset),
    dataOf: (sectionIndex) => data.get(sectionIndex),
    kconfig,
  };
}
