import { BtfError } from '../btf/btfError.js';
import { STT_FUNC, STT_OBJECT } from '../elf/constants.js';
import type { ElfRelocation } from '../elf/elfRelocation.js';
import type { ElfSection } from '../elf/elfSection.js';
import type { ElfSymbol } from '../elf/elfSymbol.js';
import { emptyMapDraft, finishMap, type MapDraft, readMapDefinition } from './mapDefinition.js';
import type { ObjectSource } from './objectSource.js';
import type { InitialSlot, MapSpec } from './objectSpec.js';
import { SpecError } from './specError.js';

const POINTER_BYTES = 8;

/** A map and where its definition lies in its section, which is how instructions refer to it. */
export interface PlacedMap {
  readonly map: MapSpec;
  readonly offset: number;
}

/**
 * The maps of the `.maps` section. A definition that cannot be read becomes a map that is marked unsupported, so that
 * programs without it still load.
 */
export function readBtfMaps(source: ObjectSource, section: ElfSection): PlacedMap[] {
  const symbols = (source.symbolsBySection.get(section.index) ?? []).filter(
    ({ type }) => type === STT_OBJECT,
  );
  const types = definitionTypes(source, section);
  const drafts = symbols.map((symbol) => ({
    symbol,
    draft: readDraft(source, section, symbol, types),
  }));
  addInitialSlots(source, section, drafts, symbols);
  return drafts.map(({ symbol, draft }) => ({ map: finishMap(draft), offset: symbol.value }));
}

interface PlacedDraft {
  readonly symbol: ElfSymbol;
  readonly draft: MapDraft;
}

interface DefinitionType {
  readonly typeId: number;
  readonly global: boolean;
}

function definitionTypes({ btf }: ObjectSource, section: ElfSection): Map<string, DefinitionType> {
  const types = new Map<string, DefinitionType>();
  for (const { typeId } of btf?.find('datasec', section.name)?.variables ?? []) {
    const variable = btf?.type(typeId);
    if (variable?.kind !== 'var') continue;
    types.set(variable.name, { typeId: variable.typeId, global: variable.linkage === 'global' });
  }
  return types;
}

function readDraft(
  source: ObjectSource,
  section: ElfSection,
  { name }: ElfSymbol,
  types: ReadonlyMap<string, DefinitionType>,
): MapDraft {
  const draft = emptyMapDraft(name, section.name);
  const definition = types.get(name);
  if (source.btf === undefined || definition === undefined) {
    return {
      ...draft,
      unsupported: `map ${name} is defined by BTF, but there is none: build with -g`,
    };
  }
  if (!definition.global) {
    return { ...draft, unsupported: `map ${name} is static, expected a global variable` };
  }
  try {
    readMapDefinition(source.btf, definition.typeId, draft);
    return draft;
  } catch (error) {
    if (!(error instanceof SpecError || error instanceof BtfError)) throw error;
    return { ...draft, unsupported: error.message };
  }
}

/** Each relocation of the section fills one slot of one map's `values` (libbpf's `bpf_object__collect_map_relos`). */
function addInitialSlots(
  source: ObjectSource,
  section: ElfSection,
  drafts: readonly PlacedDraft[],
  symbols: readonly ElfSymbol[],
): void {
  const mapAt = new Map(symbols.map((symbol) => [symbol.value, symbol.name]));
  let i = 0;
  const inOrder = [...(source.file.relocations.get(section.index) ?? [])].sort(
    (a, b) => a.offset - b.offset,
  );
  for (const relocation of inOrder) {
    while (i < drafts.length && relocation.offset >= end(drafts[i]!.symbol)) i++;
    const owner = drafts[i];
    if (owner === undefined || relocation.offset < owner.symbol.value) continue;
    addSlot(owner, relocation, section, mapAt);
  }
}

function end({ value, sizeBytes }: ElfSymbol): number {
  return value + sizeBytes;
}

function addSlot(
  { symbol, draft }: PlacedDraft,
  relocation: ElfRelocation,
  section: ElfSection,
  mapAt: ReadonlyMap<number, string>,
): void {
  const index = (relocation.offset - symbol.value - (draft.valuesOffset ?? 0)) / POINTER_BYTES;
  const slot = initialSlot(index, relocation.symbol, section, mapAt);
  const wanted = draft.inner === undefined ? 'program' : 'map';
  if (
    draft.valuesOffset === undefined ||
    !Number.isInteger(index) ||
    index < 0 ||
    slot?.kind !== wanted
  ) {
    draft.unsupported ??= `map ${draft.name}: initialiser at byte ${relocation.offset - symbol.value} refers to '${relocation.symbol.name}', expected a ${wanted} in 'values'`;
    return;
  }
  draft.initialSlots.push(slot);
}

function initialSlot(
  index: number,
  target: ElfSymbol,
  section: ElfSection,
  mapAt: ReadonlyMap<number, string>,
): InitialSlot | undefined {
  if (target.type === STT_FUNC) return { index, kind: 'program', name: target.name };
  const map = target.sectionIndex === section.index ? mapAt.get(target.value) : undefined;
  return map === undefined ? undefined : { index, kind: 'map', name: map };
}
